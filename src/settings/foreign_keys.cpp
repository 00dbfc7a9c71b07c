#include "settings/foreign_keys.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/visitors.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// Names that mean one of our keys (or one of several, with a blank between them).
struct Counterpart {
  std::string_view ours;
  std::string_view names;
};

constexpr std::array kCounterparts = {
    Counterpart{"model.path",
                "base_model model_name_or_path model_name model_path model_id model_id_or_path pretrained_model "
                "pretrained_model_name_or_path base_model_name_or_path checkpoint_dir model.name model.id"},
    Counterpart{"model.dtype", "bf16 torch_dtype precision bfloat16 fp32 pure_bf16"},
    Counterpart{"task.name", "task_name task_type"},
    Counterpart{"task.data_dir task.train",
                "dataset datasets dataset_name dataset_path data_path data_files train_dataset dataset_dir"},
    Counterpart{"task.train", "train_file train_path training_file train_data"},
    Counterpart{"task.validation",
                "validation_file val_file eval_file dev_file val_dataset eval_dataset test_datasets "
                "val_path valid task.dev task.eval"},
    Counterpart{"task.test", "test_file test_dataset"},
    Counterpart{"task.text_columns",
                "text_column text_columns text_field dataset_text_field field_instruction "
                "input_columns input_features sentence_column columns"},
    Counterpart{"task.label_column", "label_field target_column output_features"},
    Counterpart{"task.labels", "label_names class_names label_list classes num_labels num_classes"},
    Counterpart{"method", "adapter finetuning_type train_type tuner_type tuner peft_type training_type"},
    Counterpart{"lora.r", "rank lora_r lora_rank lora.rank lora_dim"},
    Counterpart{"lora.alpha", "lora_alpha"},
    Counterpart{"lora.dropout", "lora_dropout lora.rate lora.p"},
    Counterpart{"lora.target_modules",
                "lora_target_modules lora_target lora_attn_modules lora_target_linear "
                "target_module lora.targets lora.modules"},
    Counterpart{"lora.use_rslora", "rslora use_rslora peft_use_rslora"},
    Counterpart{"lora.use_dora", "dora use_dora peft_use_dora"},
    Counterpart{"lora.rank_pattern", "rank_pattern"},
    Counterpart{"lora.alpha_pattern", "alpha_pattern"},
    Counterpart{"lora.layers_to_transform", "layers_to_transform peft_layers_to_transform lora_layers_to_transform"},
    Counterpart{"lora.modules_to_save", "lora_modules_to_save additional_target"},
    Counterpart{"lora", "peft peft_config lora_config"},
    Counterpart{"dropout.pretrained",
                "hidden_dropout_prob attention_probs_dropout_prob hidden_dropout attention_dropout "
                "resid_pdrop attn_pdrop embd_pdrop classifier_dropout"},
    Counterpart{"dropout.logits.rate dropout.hidden.rate", "dropout.rate dropout.p dropout.dropout dropout_rate"},
    Counterpart{"dropout.logits dropout.weights", "dropout.attention dropout.attn"},
    Counterpart{"dropout.hidden", "dropout.ffn dropout.mlp dropout.activation dropout.intermediate"},
    Counterpart{"dropout.input", "dropout.embedding dropout.embeddings"},
    Counterpart{"dropout.output", "dropout.head dropout.classifier"},
    Counterpart{"dropout.scheme", "dropout.name dropout.method dropout.type"},
    Counterpart{"consistency.weight",
                "kl_weight kl_coef rdrop_alpha r_drop_alpha consistency.alpha consistency.lambda"},
    Counterpart{"consistency.loss", "kl js rdrop r_drop consistency.type consistency.kind"},
    Counterpart{"task.train training", "train"},
    Counterpart{"training", "trainer training_args training_arguments hyperparameters optimization"},
    Counterpart{"training.learning_rate", "lr peak_lr max_lr"},
    Counterpart{"training.epochs", "num_train_epochs num_epochs n_epochs epoch max_epochs"},
    Counterpart{"training.max_steps", "steps num_steps train_steps total_steps max_train_steps max_steps_per_epoch"},
    Counterpart{"training.batch_size",
                "per_device_train_batch_size train_batch_size micro_batch_size per_gpu_train_batch_size "
                "batch_size_training batch_size"},
    Counterpart{"training.gradient_accumulation",
                "gradient_accumulation_steps grad_accumulation_steps grad_accum accumulate_grad_batches"},
    Counterpart{"training.max_length",
                "max_seq_length max_seq_len cutoff_len sequence_len sequence_length block_size "
                "seq_len seq_length model_max_length max_sequence_length"},
    Counterpart{"training.schedule", "lr_scheduler_type lr_scheduler scheduler learning_rate_scheduler scheduler_type"},
    Counterpart{"training.warmup_ratio training.warmup_steps", "warmup num_warmup_steps warmup_fraction"},
    Counterpart{"training.betas", "adam_beta1 adam_beta2 beta1 beta2 adam_betas"},
    Counterpart{"training.epsilon", "adam_epsilon eps adam_eps"},
    Counterpart{"training.max_grad_norm", "gradient_clipping grad_clip clip_grad_norm gradient_clip_val"},
    Counterpart{"training.label_smoothing", "label_smoothing_factor"},
    Counterpart{"training.class_weights", "class_weights class_weight pos_weight positive_class_weight loss_weights"},
    Counterpart{"training.seed", "seed random_seed data_seed"},
    Counterpart{"training.length_grouping", "group_by_length train_on_group_by_length"},
    Counterpart{"training.activation_checkpointing",
                "gradient_checkpointing enable_activation_checkpointing use_gradient_checkpointing"},
    Counterpart{"training.matmul", "tf32 allow_tf32 float32_matmul_precision"},
    Counterpart{"training.device", "use_cpu no_cuda device_map accelerator"},
    Counterpart{"evaluation", "eval"},
    Counterpart{"evaluation.every",
                "evaluation.steps evaluation.strategy evaluation.interval eval_steps eval_strategy evaluation_strategy "
                "evals_per_epoch steps_per_eval evaluate_every"},
    Counterpart{"evaluation.batch_size", "per_device_eval_batch_size eval_batch_size per_gpu_eval_batch_size"},
    Counterpart{"evaluation.metric", "metric_for_best_model validation_metric eval_metric metrics"},
    Counterpart{"evaluation.keep_best", "load_best_model_at_end save_best"},
    Counterpart{"evaluation.patience", "early_stopping_patience early_stop early_stopping_rounds"},
    Counterpart{"generation.max_new_tokens", "generation_max_length max_tokens"},
    Counterpart{"checkpoint", "checkpointer checkpointing checkpoints"},
    Counterpart{"checkpoint.every",
                "checkpoint.steps checkpoint.strategy checkpoint.interval save_steps save_strategy saves_per_epoch "
                "steps_per_checkpoint"},
    Counterpart{"checkpoint.keep", "save_total_limit"},
    Counterpart{"logging.every",
                "logging.steps logging.interval logging_steps log_every_n_steps logging_strategy log_interval"},
    Counterpart{"logging.tensorboard", "report_to use_tensorboard tensorboard_log_dir logging_dir"},
    Counterpart{"output_dir", "output output_path out_dir save_dir run_dir results_dir"},
};

/// Names of what this program does not do, or does without being told.
struct Absent {
  std::string_view sentence;
  std::string_view names;
};

constexpr std::array kAbsent = {
    Absent{"the optimizer is AdamW; training.betas, training.epsilon and training.weight_decay are its settings",
           "optim optimizer optimizer_type optim_args"},
    Absent{"float16 is not trained; model.dtype: bfloat16 halves the frozen base, adapters stay float32", "fp16 half"},
    Absent{"no file is split; name a file of its own with task.validation",
           "val_set_size validation_split split_dataset_ratio test_size val_size"},
    Absent{
        "a base is float32 or bfloat16 (model.dtype); quantised training is not there",
        "load_in_4bit load_in_8bit quantization quantization_bit quantization_config quant_method bnb_4bit_quant_type "
        "bnb_4bit_compute_dtype"},
    Absent{"adapters are LoRA's, begin as PEFT's do, and have no bias",
           "lora_bias bias init_lora_weights peft_init_lora_weights lora_fan_in_fan_out fan_in_fan_out layers_pattern "
           "pissa_init loraplus_lr_ratio"},
    Absent{"one device trains", "deepspeed fsdp fsdp_config ddp local_rank world_size num_gpus tensor_parallel_size"},
    Absent{"batches are always packed, without padding",
           "packing sample_packing pad_to_sequence_len pad_to_max_length padding dataset.packed eval_sample_packing"},
    Absent{"nothing is uploaded", "push_to_hub hub_model_id hub_strategy hub_token"},
    Absent{"metrics.jsonl and TensorBoard's files are what a run logs",
           "wandb_project wandb_run_id wandb_watch wandb_entity use_wandb run_name mlflow_tracking_uri"},
    Absent{"it is read from the model's folder",
           "model_type tokenizer_type tokenizer trust_remote_code tokenizer_name config_name pad_token special_tokens "
           "add_eos_token attn_implementation flash_attention flash_attn"},
    Absent{"data is read and tokenised with all cores before the first step",
           "dataloader_num_workers preprocessing_num_workers dataset_prepared_path num_workers streaming"},
    Absent{"a generation learns from its completion alone", "train_on_inputs train_on_input train_on_prompt"},
    Absent{"a generation has the columns of task.text_columns, and no template",
           "template chat_template prompt_template prompt_style"},
    Absent{"a run is resumed with `hiddenkey train CONFIG --resume`", "resume_from_checkpoint resume auto_resume"},
    Absent{"a run is replaced with `hiddenkey train CONFIG --overwrite`", "overwrite_output_dir overwrite"},
    Absent{"training and evaluation belong together here; see evaluation.every", "do_train do_eval do_predict"},
    Absent{"nothing is compiled", "compile torch_compile use_cache"},
};

/// Whether `name` is one of the words.
bool lists(std::string_view words, std::string_view name) {
  if (name.empty() || name.find(' ') != std::string_view::npos) return false;
  for (std::size_t at = words.find(name); at != std::string_view::npos; at = words.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

std::string hint_of(std::string_view name) {
  for (const Counterpart& row : kCounterparts) {
    if (lists(row.names, name)) return did_you_mean_one_of(split(row.ours, ' '));
  }
  for (const Absent& row : kAbsent) {
    if (lists(row.names, name)) return cat("; ", row.sentence);
  }
  return "";
}

}  // namespace

std::string foreign_key_hint(const std::string& key) {
  const std::string whole = hint_of(key);
  return whole.empty() ? hint_of(std::string_view(key).substr(key.rfind('.') + 1)) : whole;
}

}  // namespace hiddenkey
