#include <algorithm>
#include <cstring>
#include <random>

#include "fuzz/contracts/frames.hpp"

// Changes programs of the command language by whole commands: what follows keeps its meaning, as it would not if bytes
// were inserted anywhere.

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace p2pllm::fuzz {
namespace {

using Random = std::minstd_rand;

constexpr std::size_t run_max = 4;  ///< commands that are moved, deleted or doubled together
constexpr std::uint8_t command_kinds = 23;

/// A part of a program, from the first byte of a command to that of another.
struct Part {
  std::size_t begin, end;
};

class Commands {
 public:
  Commands(ByteView program, Frames frames) : program_(program), frames_(std::move(frames)) {
    frames_.push_back(static_cast<std::uint16_t>(program.size()));
  }

  [[nodiscard]] std::size_t count() const { return frames_.size() - 1; }
  [[nodiscard]] std::size_t place(Random& random) const { return frames_[random() % frames_.size()]; }
  [[nodiscard]] Part some_run(Random& random) const {
    const std::size_t first = random() % count();
    const std::size_t last = std::min(count(), first + 1 + random() % run_max);
    return {frames_[first], frames_[last]};
  }
  [[nodiscard]] Bytes bytes(Part part) const {
    return {program_.begin() + static_cast<std::ptrdiff_t>(part.begin),
            program_.begin() + static_cast<std::ptrdiff_t>(part.end)};
  }
  [[nodiscard]] Bytes all() const { return bytes({0, program_.size()}); }

 private:
  ByteView program_;
  Frames frames_;
};

void insert(Bytes& into, std::size_t at, const Bytes& what) {
  into.insert(into.begin() + static_cast<std::ptrdiff_t>(at), what.begin(), what.end());
}
void erase(Bytes& from, Part part) {
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(part.begin),
             from.begin() + static_cast<std::ptrdiff_t>(part.end));
}

/// A command with any arguments; every third is the end of a block or a jump to a deadline.
Bytes fresh(Random& random) {
  const std::uint64_t kind = random() % 3 == 0 ? random() % 2 : random() % command_kinds;
  Bytes made{static_cast<std::uint8_t>(kind)};
  for (std::uint64_t left = kind == 0 ? 0 : 1 + random() % 8; left > 0; --left)
    made.push_back(static_cast<std::uint8_t>(random() % 3 == 0 ? random() % 256 : random() % 8));
  return made;
}

Bytes changed(const Commands& commands, Random& random) {
  Bytes result = commands.all();
  const Part run = commands.some_run(random);
  switch (random() % 6) {
    case 0: erase(result, run); break;
    case 1: insert(result, commands.place(random), commands.bytes(run)); break;
    case 2: {  // moved
      const std::size_t to = commands.place(random);
      erase(result, run);
      insert(result,
             to <= run.begin ? to
             : to >= run.end ? to - (run.end - run.begin)
                             : run.begin,
             commands.bytes(run));
      break;
    }
    case 3:
    case 4: insert(result, commands.place(random), fresh(random)); break;
    default:
      if (run.end > run.begin) {
        std::uint8_t& byte = result[run.begin + random() % (run.end - run.begin)];
        byte = static_cast<std::uint8_t>(random() % 2 == 0 ? random() % 256 : byte + 1 - 2 * (random() % 2));
      }
  }
  return result;
}

std::size_t put(const Bytes& result, std::uint8_t* data) {
  if (!result.empty()) std::memcpy(data, result.data(), result.size());
  return result.size();
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
  using namespace p2pllm::fuzz;
  Random random(seed);
  random.discard(4);
  const auto frames = frames_of({data, size});
  if (!frames || frames->empty() || random() % 8 == 0) return LLVMFuzzerMutate(data, size, size_max);
  const p2pllm::Bytes result = changed({{data, size}, *frames}, random);
  return result.size() > size_max ? LLVMFuzzerMutate(data, size, size_max) : put(result, data);
}

/// The first commands of one program and the last ones of another, or some of these among those.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t size_max, unsigned int seed) {
  using namespace p2pllm::fuzz;
  Random random(seed);
  random.discard(4);
  const auto frames = frames_of({one, one_size}), other_frames = frames_of({other, other_size});
  if (!frames || !other_frames || frames->empty() || other_frames->empty()) return 0;
  const Commands first({one, one_size}, *frames), second({other, other_size}, *other_frames);
  const std::size_t at = first.place(random);
  p2pllm::Bytes result = first.all();
  if (random() % 2 == 0) {
    result.resize(at);
    insert(result, at, second.bytes({second.place(random), other_size}));
  } else {
    insert(result, at, second.bytes(second.some_run(random)));
  }
  return result.size() > size_max ? 0 : put(result, out);
}
