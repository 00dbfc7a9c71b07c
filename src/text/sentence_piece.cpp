#include "text/sentence_piece.h"

#include <sentencepiece_processor.h>

#include <exception>
#include <new>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "text/protobuf.h"
#include "text/sentence_piece_check.h"
#include "text/unicode.h"

namespace hiddenkey {

struct SentencePiece::Impl {
  sentencepiece::SentencePieceProcessor processor;
};

namespace {

/// Behind a serialized ModelProto this is merged into it: normalizer_spec { add_dummy_prefix: false }.
constexpr std::string_view kNoPrefix("\x1A\x02\x18\x00", 4);

/// The library throws for pieces that it cannot put into its trie, such as one with a NUL.
bool loads(sentencepiece::SentencePieceProcessor& processor, const std::string& model) {
  try {
    return processor.LoadFromSerializedProto(model + std::string(kNoPrefix)).ok();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

SentencePiece::SentencePiece(const std::string& bytes, std::string source)
    : source_(std::move(source)), impl_(std::make_unique<Impl>()) {
  if (const std::string fault = sentence_piece_fault(bytes); !fault.empty())
    throw ModelError(cat(source_, ": ", fault));
  const bool loaded = !bytes.empty() && loads(impl_->processor, bytes);
  if (!loaded || impl_->processor.GetPieceSize() == 0) throw ModelError(cat(source_, ": is no SentencePiece model"));
}

SentencePiece::~SentencePiece() = default;
SentencePiece::SentencePiece(SentencePiece&&) noexcept = default;
SentencePiece& SentencePiece::operator=(SentencePiece&&) noexcept = default;

void SentencePiece::encode(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const {
  const Metaspace space{U'\u2581', prefix_space, false};
  std::vector<int> found;
  if (text.empty()) return;
  const auto status = impl_->processor.Encode(encode_utf8(space.apply(text, at_start)), &found);
  if (!status.ok()) throw ModelError(cat(source_, ": does not encode a text: ", status.ToString()));
  ids.insert(ids.end(), found.begin(), found.end());
}

void SentencePiece::add_pieces(Vocabulary& vocabulary) const {
  for (int id = 0; id < impl_->processor.GetPieceSize(); ++id)
    vocabulary.add(impl_->processor.IdToPiece(id), id, source_);
}

std::vector<ScoredPiece> SentencePiece::scored_pieces() const {
  constexpr uint32_t kPieces = 1, kType = 3, kUserDefined = 4;
  std::vector<ScoredPiece> pieces;
  for (int id = 0; id < impl_->processor.GetPieceSize(); ++id) {
    ScoredPiece& piece = pieces.emplace_back();
    piece.text = impl_->processor.IdToPiece(id);
    piece.score = impl_->processor.GetScore(id);
    piece.control = impl_->processor.IsControl(id);
  }
  std::size_t next = 0;
  const std::string model = impl_->processor.serialized_model_proto();
  for_each_field(model, kPieces, [&](const ProtoField& message) {
    // A field of another type is none that the library counts.
    if (!message.is_bytes || next == pieces.size()) return;
    ScoredPiece& piece = pieces[next++];
    for_each_field(message.bytes, kType,
                   [&](const ProtoField& type) { piece.user_defined = type.value == kUserDefined; });
  });
  return pieces;
}

std::string SentencePiece::charsmap() const {
  constexpr uint32_t kNormalizer = 3, kCharsmap = 2;
  std::string table;
  const std::string model = impl_->processor.serialized_model_proto();
  for_each_field(model, kNormalizer, [&](const ProtoField& normalizer) {
    for_each_field(normalizer.bytes, kCharsmap, [&](const ProtoField& bytes) { table = bytes.bytes; });
  });
  return table;
}

std::vector<AddedToken> SentencePiece::control_tokens() const {
  std::vector<AddedToken> tokens;
  for (int id = 0; id < impl_->processor.GetPieceSize(); ++id) {
    if (!impl_->processor.IsControl(id)) continue;
    tokens.emplace_back().content = decode_utf8(impl_->processor.IdToPiece(id));
  }
  return tokens;
}

}  // namespace hiddenkey
