#!/usr/bin/env python3
"""Logs finished or running runs into Weights & Biases: metrics.jsonl as history, config.yaml as config, result.json as summary.

  scripts/to_wandb.py sweeps/rte/trials/* --project rte
  scripts/to_wandb.py RUN --project rte --dry-run      prints what would be logged, and needs no wandb

Each call makes new runs there. It needs the packages wandb and PyYAML; `wandb login` or WANDB_API_KEY, or WANDB_MODE=offline.
"""

import argparse
import json
import math
import pathlib
import re
import sys

import yaml


class ConfigLoader(yaml.SafeLoader):
    """Takes 4e-05 for a number, as YAML 1.2 has it; PyYAML wants a point in it."""


ConfigLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789"))


class NoRun(Exception):
    """What stands in the folder cannot be logged."""


def read_history(path):
    """(step, values) of each line: TAG/NAME of a step's numbers, SPLIT/NAME of an evaluation's. The last line may be half written."""
    history = []
    lines = path.read_text().split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            entry = json.loads(line)
            tag = "train" if entry["type"] == "step" else entry["split"]
            values = {f"{tag}/{name}": value for name, value in entry.items()
                      if name != "step" and isinstance(value, (int, float)) and math.isfinite(value)}
            history.append((entry["step"], values))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if number == len(lines):
                continue
            raise NoRun(f"{path}:{number}: is not what a run writes: {error}") from error
    return history


def read_run(folder):
    """What a run's folder says: its name, config, history and summary."""
    folder = pathlib.Path(folder)
    try:
        config = yaml.load((folder / "config.yaml").read_text(), ConfigLoader)
        history = read_history(folder / "metrics.jsonl")
        result = folder / "result.json"
        summary = json.loads(result.read_text()) if result.exists() else {}
    except OSError as error:
        raise NoRun(f"{error.filename}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise NoRun(f"{folder}: {error}".replace("\n", " ")) from error
    if not isinstance(config, dict) or not isinstance(summary, dict):
        raise NoRun(f"{folder}: config.yaml or result.json holds no object")
    summary.pop("config", None)  # it is the run's config
    return {"name": folder.resolve().name, "config": config, "history": history, "summary": summary}


def log_run(wandb, run, project):
    logged = wandb.init(project=project, name=run["name"], config=run["config"])
    try:
        for step, values in run["history"]:
            logged.log(values, step=step)
        logged.summary.update(run["summary"])
    finally:
        logged.finish()


def show(run):
    print(f"run {run['name']}")
    print(f"  config {json.dumps(run['config'])}")
    for step, values in run["history"]:
        print(f"  step {step} {json.dumps(values)}")
    print(f"  summary {json.dumps(run['summary'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="the folder of a run")
    parser.add_argument("--project", required=True, help="the project that the runs are logged into")
    parser.add_argument("--dry-run", action="store_true", help="print what would be logged, and log nothing")
    options = parser.parse_args()
    try:
        # All are read before the first is logged.
        runs = [read_run(folder) for folder in options.runs]
    except NoRun as error:
        sys.exit(f"error: {error}")
    if options.dry_run:
        for run in runs:
            show(run)
        return
    try:
        import wandb
    except ImportError:
        sys.exit("error: the package wandb is not there: pip install wandb, or look at what would be logged with --dry-run")
    for run in runs:
        log_run(wandb, run, options.project)


if __name__ == "__main__":
    main()
