#include "model/layers/tokenizer.hpp"

#include "model/encoding/cbor.hpp"

namespace p2pllm {

Bytes byte_tokenizer() {
  CborWriter writer;
  writer.array(1).text("bytes");
  return writer.take();
}

}  // namespace p2pllm
