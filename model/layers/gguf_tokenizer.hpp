#pragma once

#include "model/layers/gguf_file.hpp"

namespace p2pllm {

/// The encoding of a GGUF file's tokenizer (MODEL-5): byte pairs ("gpt2") that split a text as GPT-2 or SmolLM do, or
/// pieces with scores ("llama"). A template of conversations is kept if it is one of those of SmolLM2 and ChatML.
/// @throws BinaryCursor::Failure  for a kind, a split, a token or a merge that MODEL-5 does not have
[[nodiscard]] Bytes tokenizer_of(const GgufFile& file, std::int64_t vocabulary);

}  // namespace p2pllm
