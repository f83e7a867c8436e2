#include <fmt/core.h>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/machine_view.hpp"
#include "model/encoding/escape.hpp"
#include "reference/contracts/channel_machine.hpp"
#include "reference/contracts/registration_machine.hpp"
#include "reference/contracts/sla_machine.hpp"

// `contract table` prints the transition tables that the rules use (REG-1, SLA-1, CHAN-1).
namespace p2pllm::app {

int run_contract_table(const TableOptions& options) {
  using namespace reference;
  const Machine* const machines[] = {&registration_machine(), &sla_machine(), &channel_machine()};
  if (options.markdown) {
    fmt::print(
        "# Transition tables\n\nMade by `p2pllm contract table --markdown` from the tables that the rules ask; do "
        "not edit. h is the height of the block.\n");
    for (const Machine* machine : machines) fmt::print("\n{}", machine_markdown(*machine));
    return exit_holds;
  }
  for (const Machine* machine : machines) {
    if (machine->name != options.machine) continue;
    if (const auto outputs = check_outputs({options.svg}, {}); !outputs) return complain(outputs.error());
    if (options.json) fmt::print("{}", write_json(machine_json(*machine)));
    else fmt::print("{}", machine_text(*machine));
    if (options.svg.empty()) return exit_holds;
    const auto written = write_output(options.svg, machine_svg(*machine));
    return written ? exit_holds : complain(written.error());
  }
  if (options.machine.empty())
    return complain(bad_input("MACHINE", "registration, sla or channel is required, or --markdown").value());
  const std::string named = '"' + printable(options.machine) + '"';
  return complain(bad_input("MACHINE", named, "it must be registration, sla or channel").value());
}

}  // namespace p2pllm::app
