#pragma once

namespace p2pllm {

/// What the rules that split a text distinguish (MODEL-5): general categories L* and N* and the property White_Space of
/// Unicode 15.0. No character is in two of them.
enum class CharacterClass { other, letter, number, space };

[[nodiscard]] CharacterClass class_of(char32_t code);

}  // namespace p2pllm
