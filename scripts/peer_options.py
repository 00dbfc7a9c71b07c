"""What the two peers of the benchmarks share: their options, how a device is timed, and how much memory it took.

Without an option all is as on a CPU with two threads, in float32, with the attention that Transformers chooses.
"""

import argparse
import gc
import time

import torch

# SDPA takes cuDNN's attention where it may. Which is better depends on the shapes, so that both can be tried.
ATTENTION = {"default": None, "eager": "eager", "sdpa": "sdpa", "sdpa-cudnn": "sdpa", "best": "sdpa"}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PROFILED_STEPS = 3


class Options(argparse.Namespace):
    def settings(self):
        """What `from_pretrained` is told."""
        name = ATTENTION[self.attention]
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
        """Trains in the way that was asked for, or in all ways of which the fastest counts."""
        fastest, result = None, {"tokens_per_second": 0}
        for way in self.ways():
            self.choose(way)
            found = self.measured_once(step, batches, tokens)
            if found["tokens_per_second"] > result["tokens_per_second"]:
                fastest, result = way, found
        if self.profile:
            self.choose(fastest)
            self.write_profile(step, batches[-PROFILED_STEPS:])
        return result | ({"attention": fastest[0]} if self.attention == "best" else {})

    def choose(self, way):
        _, cudnn, self.autocast = way
        if cudnn is not None:
            torch.backends.cuda.enable_cudnn_sdp(cudnn)
        self.forget_memory()

    def ways(self):
        """Names, whether cuDNN's attention is allowed, and whether adapters' products take the base's type."""
        if self.attention != "best":
            return [(self.attention, {"sdpa": False, "sdpa-cudnn": True}.get(self.attention), False)]
        attention = [("by hand", False)] if "hiddenkey" in self.case else [("sdpa", False), ("sdpa-cudnn", True)]
        autocast = (False, True) if self.dtype == "bfloat16" else (False,)
        return [(name + (", autocast" if cast else ""), cudnn, cast) for name, cudnn in attention for cast in autocast]

    def measured_once(self, step, batches, tokens):
        """Does all steps and tells the speed of those after the warm-up, between which a GPU is not waited for."""
        start = None
        for number, batch in enumerate(batches):
            if number == self.warmup:
                start = self.clock()
            step(batch)
        seconds = self.clock() - start
        return {"tokens_per_second": tokens / seconds, "tokens": tokens, "peak_memory_bytes": self.peak_memory()}

    def write_profile(self, step, batches):
        """A trace of a few more steps, as Chrome reads it."""
        kind = torch.profiler.ProfilerActivity.CUDA if self.on_gpu() else torch.profiler.ProfilerActivity.CPU
        with torch.profiler.profile(activities=[kind]) as profiler:
            for batch in batches:
                step(batch)
            self.clock()
        profiler.export_chrome_trace(self.profile)

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
    parser.add_argument("--attention", choices=ATTENTION, default="default",
                        help="best: SDPA with and without cuDNN's attention, with and without autocast, of which the fastest counts")
    parser.add_argument("--batch", type=int, help="rows of a batch")
    parser.add_argument("--length", type=int, help="tokens of a row at most")
    parser.add_argument("--profile", help="write a trace of a few more steps to this file")
    options = parser.parse_args(namespace=Options())
    if not options.on_gpu():
        torch.set_num_threads(2)
    return options
