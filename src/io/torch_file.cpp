#include "io/torch_file.h"

#include <caffe2/serialize/inline_container.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

// The number that the older form begins with, as a pickle of protocol 2.
constexpr std::string_view kOldForm("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw ModelError(cat(path.string(), ": is no valid file of torch.save: ", reason));
}

std::string_view bytes_of(const MappedFile& file) { return {reinterpret_cast<const char*>(file.data()), file.size()}; }

/// The mapped file, for LibTorch's reader of zip archives, which asks for whatever offsets an archive names.
class ZipBytes final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit ZipBytes(std::string_view bytes) : bytes_(bytes) {}
  std::size_t size() const override { return bytes_.size(); }
  std::size_t read(uint64_t position, void* buffer, std::size_t count, const char* /*what*/) const override {
    if (position > bytes_.size()) return 0;
    const std::size_t there = std::min<std::size_t>(count, bytes_.size() - position);
    std::memcpy(buffer, bytes_.data() + position, there);
    return there;
  }

 private:
  std::string_view bytes_;
};

/// Runs something of LibTorch's reader, whose errors then name the file.
template <class Action>
auto with_path(const fs::path& path, const Action& action) {
  try {
    return action();
  } catch (const c10::Error& error) {
    const std::string reason = error.what_without_backtrace();
    fail(path, cat("its zip archive cannot be read (", reason.substr(0, reason.find('\n')), ")"));
  }
}

/// The zip form: data.pkl, and the file data/KEY for each storage.
class ZipStorages final : public TorchFile::Storages {
 public:
  explicit ZipStorages(const MappedFile& file)
      : path_(file.path()), bytes_(bytes_of(file)), zip_(with_path(path_, [&] {
          return std::make_unique<caffe2::serialize::PyTorchStreamReader>(std::make_shared<ZipBytes>(bytes_));
        })) {
    const std::vector<std::string> records = with_path(path_, [&] { return zip_->getAllRecords(); });
    if (std::set<std::string>(records.begin(), records.end()).size() != records.size())
      fail(path_, "its zip archive holds a file twice");
    if (has("byteorder") && text("byteorder") != "little") fail(path_, "its numbers are not in little endian order");
  }

  std::string text(const std::string& name) {
    std::string bytes(record_size(name), '\0');
    read_record(name, bytes.data(), bytes.size());
    return bytes;
  }
  std::size_t size(const std::string& key) override { return record_size("data/" + key); }
  void read(const std::string& key, void* to, std::size_t size) override { read_record("data/" + key, to, size); }

 private:
  bool has(const std::string& name) {
    return with_path(path_, [&] { return zip_->hasRecord(name); });
  }
  /// torch.save never compresses: what claims to be larger than the whole file is no file of its.
  std::size_t record_size(const std::string& name) {
    if (!has(name)) fail(path_, cat("it has no ", name.substr(0, 100)));
    const std::size_t size = with_path(path_, [&] { return zip_->getRecordSize(name); });
    if (size > bytes_.size()) fail(path_, cat(name.substr(0, 100), " would be larger than the file"));
    return size;
  }
  void read_record(const std::string& name, void* to, std::size_t size) {
    with_path(path_, [&] { return zip_->getRecord(name, to, size); });
    const std::optional<uint32_t> sum = checksum(name, size);
    if (sum && crc32_z(0, static_cast<const Bytef*>(to), size) != *sum)
      fail(path_, cat(name.substr(0, 100), " is damaged: its checksum differs"));
  }

  /// The CRC-32 of a file of the archive, which LibTorch's reader does not look at: it stands in the header, or, as
  /// torch.save has it, behind the bytes. Nothing where it is in neither place.
  std::optional<uint32_t> checksum(const std::string& name, std::size_t size) {
    constexpr std::size_t kFlags = 6, kSum = 14, kHeader = 30, kSumBehind = 8;
    constexpr std::string_view kSignature("PK\x07\x08");
    const std::size_t header = with_path(path_, [&] { return zip_->getRecordHeaderOffset(name); });
    const std::size_t begin = with_path(path_, [&] { return zip_->getRecordOffset(name); });
    if ((static_cast<unsigned char>(part(header, kHeader)[kFlags]) & kSumBehind) == 0)
      return number(part(header, kHeader).substr(kSum));
    const std::string_view behind = part(begin + size, kSignature.size() + sizeof(uint32_t));
    if (!behind.starts_with(kSignature)) return std::nullopt;
    return number(behind.substr(kSignature.size()));
  }
  std::string_view part(std::size_t begin, std::size_t size) const {
    if (begin > bytes_.size() || bytes_.size() - begin < size) fail(path_, "it is cut off");
    return bytes_.substr(begin, size);
  }
  static uint32_t number(std::string_view bytes) {
    uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  fs::path path_;
  std::string_view bytes_;
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> zip_;
};

/// The older form: pickles of a number, a version, the machine, the dictionary and the storages' keys; then for each
/// storage its length and its numbers.
class PlainStorages final : public TorchFile::Storages {
 public:
  explicit PlainStorages(const fs::path& path) : path_(path) {}

  /// Finds the storages in what follows the keys. Their sizes need the types that the dictionary has for them.
  void find(std::string_view bytes, const std::vector<std::string>& keys,
            const std::map<std::string, PickledTensor>& tensors) {
    std::unordered_map<std::string, std::size_t> number_size;
    for (const auto& [name, tensor] : tensors) number_size[tensor.storage.key] = c10::elementSize(tensor.storage.type);
    for (const std::string& key : keys) {
      int64_t length = 0;
      if (bytes.size() < sizeof length) fail(path_, "it is cut off");
      std::memcpy(&length, bytes.data(), sizeof length);
      bytes.remove_prefix(sizeof length);
      const auto known = number_size.find(key);
      if (known == number_size.end()) fail(path_, "it holds a storage that no tensor uses");
      std::size_t size = 0;
      if (length < 0 || __builtin_mul_overflow(static_cast<std::size_t>(length), known->second, &size) ||
          size > bytes.size())
        fail(path_, "it is cut off");
      bytes_of_[key] = bytes.substr(0, size);
      bytes.remove_prefix(size);
    }
  }

  std::size_t size(const std::string& key) override {
    const auto found = bytes_of_.find(key);
    if (found == bytes_of_.end()) fail(path_, cat("it lacks the storage ", key.substr(0, 100)));
    return found->second.size();
  }
  void read(const std::string& key, void* to, std::size_t size) override {
    std::memcpy(to, bytes_of_.at(key).data(), size);
  }

 private:
  fs::path path_;
  std::unordered_map<std::string, std::string_view> bytes_of_;
};

/// The number of numbers that a tensor takes from its storage's beginning on.
std::size_t reach_of(const PickledTensor& tensor, const fs::path& path, const std::string& name) {
  const auto bad = [&] { fail(path, cat("tensor \"", name.substr(0, 200), "\" does not lie within its storage")); };
  if (tensor.sizes.size() != tensor.strides.size() || tensor.offset < 0) bad();
  int64_t numel = 1, last = tensor.offset;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    if (tensor.sizes[i] < 0 || tensor.strides[i] < 0) bad();
    if (__builtin_mul_overflow(numel, tensor.sizes[i], &numel)) bad();
    int64_t step = 0;
    if (__builtin_mul_overflow(std::max<int64_t>(tensor.sizes[i] - 1, 0), tensor.strides[i], &step) ||
        __builtin_add_overflow(last, step, &last))
      bad();
  }
  if (numel == 0) return 0;
  // A tensor that repeats its numbers could be of any size.
  if (numel > tensor.storage.numel || last >= tensor.storage.numel) bad();
  return static_cast<std::size_t>(last) + 1;
}

}  // namespace

TorchFile::TorchFile(const fs::path& path) : file_(path) {
  const std::string where = path.string();
  std::string_view bytes = bytes_of(file_);
  if (bytes.starts_with("PK")) {
    auto storages = std::make_unique<ZipStorages>(file_);
    const std::string pickle = storages->text("data.pkl");
    std::string_view rest = pickle;
    tensors_ = read_state_dict(rest, where);
    storages_ = std::move(storages);
  } else if (bytes.starts_with(kOldForm)) {
    auto storages = std::make_unique<PlainStorages>(path);
    for (int i = 0; i < 3; ++i) skip_pickle(bytes, where);
    tensors_ = read_state_dict(bytes, where);
    const std::vector<std::string> keys = read_text_list(bytes, where);
    storages->find(bytes, keys, tensors_);
    storages_ = std::move(storages);
  } else {
    fail(path, "it begins neither as a zip archive nor as PyTorch's older form");
  }
  for (const auto& [name, tensor] : tensors_) {
    const std::size_t number = c10::elementSize(tensor.storage.type);
    const std::size_t reach = reach_of(tensor, path, name);
    if (reach == 0) continue;
    const std::size_t size = storages_->size(tensor.storage.key);
    if (size % number != 0 || reach > size / number)
      fail(path, cat("tensor \"", name.substr(0, 200), "\" does not lie within its storage"));
  }
}

TorchFile::~TorchFile() = default;

std::vector<std::string> TorchFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

at::Tensor TorchFile::read(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw ModelError(cat(path().string(), ": has no tensor \"", name, "\""));
  const PickledTensor& tensor = found->second;
  const at::TensorOptions options(tensor.storage.type);
  if (reach_of(tensor, path(), name) == 0) return at::empty(tensor.sizes, options);
  const std::size_t size = storages_->size(tensor.storage.key);
  const auto numbers = static_cast<int64_t>(size / c10::elementSize(tensor.storage.type));
  at::Tensor storage = at::empty({numbers}, options);
  storages_->read(tensor.storage.key, storage.data_ptr(), storage.nbytes());
  at::Tensor view = storage.as_strided(tensor.sizes, tensor.strides, tensor.offset);
  return view.is_contiguous() && view.numel() == numbers ? view : view.clone(at::MemoryFormat::Contiguous);
}

}  // namespace hiddenkey
