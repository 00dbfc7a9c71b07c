"""What the machine is, and the ceilings that speeds are to be seen beside: a copy, and a product of matrices."""

import platform
import subprocess

import torch
import transformers
import peft


def seconds_of(work, device):
    """The mean time of ten calls after three."""
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
    properties = torch.cuda.get_device_properties(device)
    asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    findings.number("card", properties.name)
    findings.number("capability", f"{properties.major}.{properties.minor}")
    findings.number("memory_gib", round(properties.total_memory / 2**30, 1))
    findings.number("driver", subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip())
    source = torch.empty(2**30, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    findings.number("copy_tb_s", round(2 * source.numel() / seconds_of(lambda: target.copy_(source), device) / 1e12, 2))
    factor = torch.randn(8192, 8192, device=device).bfloat16()
    findings.number("product_tflop_s", round(2 * 8192**3 / seconds_of(lambda: factor @ factor, device) / 1e12, 1))


def check(context, findings):
    for name, version in (("python", platform.python_version()), ("torch", torch.__version__),
                          ("transformers", transformers.__version__), ("peft", peft.__version__)):
        findings.number(name, version)
    findings.holds(torch.__version__.startswith("2.11."), f"The program needs torch 2.11, and this is {torch.__version__}.")
    findings.number("program", context.run("--version").stdout.split("\n")[0])
    if context.on_gpu():
        findings.number("cuda", torch.version.cuda)
        card_of(findings, torch.device(context.device))
