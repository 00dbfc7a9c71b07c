"""Reads a trace as PyTorch's profiler writes it for Chrome: what a GPU was asked to do in some steps."""

import collections
import gzip
import json
import pathlib
import re

COPIES = ("gpu_memcpy", "gpu_memset")
WAITS = re.compile(r"cudaStreamSynchronize|cudaEventSynchronize|cudaMemcpy$")


def read(path):
    data = pathlib.Path(path).read_bytes()
    return json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)["traceEvents"]


def short_name(kernel):
    """A kernel's name without its templates and arguments."""
    name = re.sub(r"<.*|\(.*", "", kernel.removeprefix("void "))
    return name.split("::")[-1] or kernel[:40]


def summary(events, steps, count=8):
    """Launches a step, milliseconds a step in which the GPU computes, and the kernels that take most of them."""
    kernels = [event for event in events if event.get("cat") == "kernel"]
    times = collections.Counter()
    for event in kernels:
        times[short_name(event["name"])] += event["dur"] / 1000 / steps
    calls = [event["name"] for event in events if event.get("cat") in ("cuda_runtime", "cuda_driver")]
    return {"kernels": round(len(kernels) / steps, 1),
            "copies": round(sum(event.get("cat") in COPIES for event in events) / steps, 1),
            "waits": round(sum(bool(WAITS.search(name)) for name in calls) / steps, 1),
            "busy_ms": round(sum(times.values()), 3),
            "busiest_ms": {name: round(time, 3) for name, time in times.most_common(count)}}
