"""What the machine is, and the ceilings that speeds are to be seen beside: a copy, and a product of matrices."""

import importlib.metadata
import platform
import subprocess


def seconds_of(work, device):
    """The mean time of ten calls after three."""
    import torch
    for _ in range(3):
        work()
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(10):
        work()
    end.record()
    torch.cuda.synchronize(device)
    return begin.elapsed_time(end) / 1e4


def card_of(findings, device):
    import torch
    device = torch.device(device)
    properties = torch.cuda.get_device_properties(device)
    asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    findings.number("card", properties.name)
    findings.number("cuda", torch.version.cuda)
    findings.number("capability", f"{properties.major}.{properties.minor}")
    findings.number("memory_gib", round(properties.total_memory / 2**30, 1))
    findings.number("driver", subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip())
    source = torch.empty(2**30, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    findings.number("copy_tb_s", round(2 * source.numel() / seconds_of(lambda: target.copy_(source), device) / 1e12, 2))
    factor = torch.randn(8192, 8192, device=device).bfloat16()
    findings.number("product_tflop_s", round(2 * 8192**3 / seconds_of(lambda: factor @ factor, device) / 1e12, 1))


def check(context, findings):
    findings.number("python", platform.python_version())
    for package in ("torch", "transformers", "peft"):
        findings.number(package, importlib.metadata.version(package))
    torch_version = findings.numbers["torch"]
    findings.holds(torch_version.startswith("2.11."), f"The program needs torch 2.11, and this is {torch_version}.")
    findings.number("program", context.run("--version").stdout.split("\n")[0])
    if context.on_gpu():
        card_of(findings, context.device)
