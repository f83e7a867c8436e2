#include "kernels/simt/shadow.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <vector>

namespace p2pllm::kernels::simt {

struct Region::Cells {
  /// Of one element. Two readers are enough to know whether another thread than the writer has read.
  struct Cell {
    bool is_written = false;
    Visit write, read, other_read;
  };
  std::size_t bytes;
  std::size_t element;
  std::vector<Cell> cells;
  // Reads of a constant are not noted one by one: a launch that reads a region as constant may not write it.
  Visit constant_read, any_write;
};

namespace {

constexpr std::size_t alignment = 64;
constexpr unsigned char poison = 0xa5;  // what memory holds that nobody wrote

std::vector<Region*>& regions() {
  thread_local std::vector<Region*> all;
  return all;
}

const char* name_of(hooks::Access kind) {
  switch (kind) {
    case hooks::Access::read:
    case hooks::Access::constant_read: return "reads";
    case hooks::Access::write: return "writes";
    case hooks::Access::atomic: return "changes by an atomic operation";
  }
  return "";
}

std::string race(hooks::Access kind, const Visit& other, const char* did) {
  return std::string(name_of(kind)) + " an element that thread " + std::to_string(other.thread) + " of block " +
         std::to_string(other.block) + " " + did + " at " + other.place.file + ":" + std::to_string(other.place.line) +
         ", with no barrier between";
}

std::string constant_conflict(hooks::Access kind, const Visit& other, const char* did) {
  return std::string(name_of(kind)) + (kind == hooks::Access::constant_read ? " as a constant" : "") +
         " an array that " + did + " in the same launch at " + other.place.file + ":" +
         std::to_string(other.place.line);
}

}  // namespace

void Region::Free::operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{alignment}); }

Region::Region(std::size_t bytes, std::size_t element)
    : bytes_(static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{alignment}))),
      cells_(std::make_unique<Cells>(Cells{bytes, element, std::vector<Cells::Cell>(bytes / element), {}, {}})) {
  std::memset(bytes_.get(), poison, bytes);
  regions().push_back(this);
}
Region::~Region() { std::erase(regions(), this); }

bool Region::holds(const void* address, std::size_t bytes) const {
  const auto at = static_cast<const std::byte*>(address);
  return at >= bytes_.get() && at + bytes <= bytes_.get() + cells_->bytes;
}

void Region::set_written(const void* from, std::size_t bytes) {
  const auto first = static_cast<std::size_t>(static_cast<const std::byte*>(from) - bytes_.get()) / cells_->element;
  for (std::size_t k = 0; k < bytes / cells_->element; ++k) cells_->cells[first + k].is_written = true;
}

std::string Shadow::visited(const void* address, std::size_t bytes, hooks::Access kind, const Visit& visit) {
  const auto at = static_cast<const std::byte*>(address);
  const auto is_inside = [&](const Region* region) { return region->holds(address, bytes); };
  std::vector<Region*>& all = regions();
  const auto found = std::find_if(all.begin(), all.end(), is_inside);
  if (found == all.end()) return std::string(name_of(kind)) + " an address that is not memory of the device";
  std::swap(*found, all.front());  // the next access is often to the same region
  Region::Cells& region = *all.front()->cells_;
  Region::Cells::Cell& cell = region.cells[static_cast<std::size_t>(at - all.front()->bytes()) / region.element];

  const bool is_read = kind == hooks::Access::read || kind == hooks::Access::constant_read;
  const bool is_atomic = kind == hooks::Access::atomic;
  if (kind != hooks::Access::write && !cell.is_written)
    return std::string(name_of(kind)) + " an element that nobody has written";
  if (!cell.write.is_before(visit) && !(is_atomic && cell.write.is_atomic)) return race(kind, cell.write, "writes");
  if (kind == hooks::Access::constant_read) {
    if (region.any_write.launch == visit.launch) return constant_conflict(kind, region.any_write, "is written");
    region.constant_read = visit;
  } else if (is_read) {
    if (cell.read.is_before(visit)) {
      cell.read = visit;
    } else if (cell.other_read.is_before(visit)) {
      cell.other_read = visit;
    }
  } else {
    for (const Visit& read : {cell.read, cell.other_read})
      if (!read.is_before(visit)) return race(kind, read, "reads");
    if (region.constant_read.launch == visit.launch)
      return constant_conflict(kind, region.constant_read, "is read as a constant");
    cell.write = region.any_write = visit;
    cell.write.is_atomic = is_atomic;
    cell.is_written = true;
  }
  return "";
}

std::string Shadow::forgotten(const void* address, std::size_t bytes) {
  const auto at = static_cast<const std::byte*>(address);
  for (Region* region : regions())
    if (region->holds(address, bytes)) {
      const auto offset = static_cast<std::size_t>(at - region->bytes());
      region->cells_->cells[offset / region->cells_->element].is_written = false;
      std::memset(region->bytes() + offset, poison, bytes);
      return "";
    }
  return "forgets an address that is not memory of the device";
}

}  // namespace p2pllm::kernels::simt
