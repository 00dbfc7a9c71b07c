"""What the two peers of the benchmarks share: their options, how a device is timed, and how much memory it took.

Without an option all is as on a CPU with two threads, in float32, with the attention that Transformers chooses.
"""

import argparse
import gc
import time

import torch

# SDPA takes cuDNN's attention where it may. Which is better depends on the shapes, so that both can be tried.
ATTENTION = {"default": (None, None), "eager": ("eager", None), "sdpa": ("sdpa", False), "sdpa-cudnn": ("sdpa", True)}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PROFILED_STEPS = 3


class Options(argparse.Namespace):
    def settings(self):
        """What `from_pretrained` is told."""
        name, cudnn = ATTENTION[self.tried]
        if cudnn is not None:
            torch.backends.cuda.enable_cudnn_sdp(cudnn)
        return {"dtype": DTYPES[self.dtype]} | ({} if name is None else {"attn_implementation": name})

    def arithmetic(self):
        """Around a forward pass. PEFT keeps adapters in float32; autocast lets their products take the base's type."""
        return torch.autocast(torch.device(self.device).type, DTYPES[self.dtype], enabled=self.autocast)

    def moved(self, batch):
        return {name: values.to(self.device) for name, values in batch.items()}

    def on_gpu(self):
        return torch.device(self.device).type == "cuda"

    def clock(self):
        """The time when all that was asked for is done."""
        if self.on_gpu():
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    def peak_memory(self):
        if self.on_gpu():
            return torch.cuda.max_memory_allocated(self.device)
        return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))

    def measured(self, step, batches, tokens):
        """Does all steps and tells the speed of those after the warm-up, between which a GPU is not waited for."""
        start = None
        for number, batch in enumerate(batches):
            if number == self.warmup:
                start = self.clock()
            step(batch)
        seconds = self.clock() - start
        result = {"tokens_per_second": tokens / seconds, "tokens": tokens, "peak_memory_bytes": self.peak_memory()}
        if self.profile:
            self.write_profile(step, batches[-PROFILED_STEPS:])
        return result

    def write_profile(self, step, batches):
        """A trace of a few more steps, as Chrome reads it."""
        kind = torch.profiler.ProfilerActivity.CUDA if self.on_gpu() else torch.profiler.ProfilerActivity.CPU
        with torch.profiler.profile(activities=[kind]) as profiler:
            for batch in batches:
                step(batch)
            self.clock()
        profiler.export_chrome_trace(self.profile)

    def best(self, run):
        """The result of `run` with the attention that was asked for, or the fastest one of all that can be tried."""
        if not self.on_gpu():
            torch.set_num_threads(2)
        if self.attention != "best":
            self.tried, self.autocast = self.attention, False
            return run()
        by_hand = "hiddenkey" in self.case
        results = []
        for self.tried in ("sdpa",) if by_hand else ("sdpa", "sdpa-cudnn"):
            for self.autocast in (False, True) if self.dtype == "bfloat16" else (False,):
                self.forget_memory()
                way = ("by hand" if by_hand else self.tried) + (", autocast" if self.autocast else "")
                results.append(run() | {"attention": way})
        return max(results, key=lambda result: result["tokens_per_second"])

    def forget_memory(self):
        gc.collect()
        if self.on_gpu():
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)


def parse(description, cases):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=cases)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("steps", type=int)
    parser.add_argument("warmup", type=int)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="of the base's weights; adapters are as PEFT makes them")
    parser.add_argument("--attention", choices=[*ATTENTION, "best"], default="default",
                        help="best: SDPA with and without cuDNN's attention, with and without autocast, of which the fastest counts")
    parser.add_argument("--batch", type=int, help="rows of a batch")
    parser.add_argument("--length", type=int, help="tokens of a row at most")
    parser.add_argument("--profile", help="write a trace of a few more steps to this file")
    return parser.parse_args(namespace=Options())
