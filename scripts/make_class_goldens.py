#!/usr/bin/env python3
"""Writes tests/unit/score/class_goldens.json: metrics of classes and of several labels an example by scikit-learn, and of
tagged words by seqeval 1.2.2, on small random predictions with ties, classes that are absent and broken tags.

Needs scikit-learn, which scripts/setup.sh --references installs, and seqeval, which nothing else here needs:

    PYTHON=~/.cache/hiddenkey/python-2.11.0/bin/python
    curl -sSLO https://files.pythonhosted.org/packages/9d/2d/233c79d5b4e5ab1dbf111242299153f3caddddbb691219f363ad55ce783d/seqeval-1.2.2.tar.gz
    echo "f28e97c3ab96d6fcd32b648f6438ff2e09cfba87f05939da9b3970713ec56e6f  seqeval-1.2.2.tar.gz" | sha256sum --check
    tar xzf seqeval-1.2.2.tar.gz
    PYTHONPATH=seqeval-1.2.2 $PYTHON scripts/make_class_goldens.py
"""

import json
import math
import pathlib
import random
import warnings

import numpy as np
import seqeval.metrics
from seqeval.metrics.sequence_labeling import get_entities
from sklearn import metrics

MEASURES = {"precision": metrics.precision_score, "recall": metrics.recall_score, "f1": metrics.f1_score}
TAG_SETS = {
    "IOB2": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "IOBES": ["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC"],
    "BILOU": ["O", "B-PER", "I-PER", "L-PER", "U-PER", "B-LOC", "I-LOC", "L-LOC", "U-LOC"],
    "no types": ["O", "B", "I"],
    "none of entities": ["NOUN", "VERB", "OTHER", "I-a-b", "B-a-b", "\u00e9X", "\u00e8X", ".", "I"],
}


def number(value):
    return None if math.isnan(value) else float(value)


def numbers(values):
    return {name: number(value) for name, value in values.items()}


def averages(score, labels, predictions, names=("micro", "macro", "weighted")):
    return {
        f"{measure}_{name}": score[measure](labels, predictions, average=name) for measure in score for name in names
    }


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def refused_as_nan(score, *arguments, **options):
    """What scikit-learn refuses to compute has no value."""
    try:
        return score(*arguments, **options)
    except ValueError:
        return math.nan


def of_classes(random_numbers, classes, examples, present):
    """Logits are rounded, so that some scores are equal; labels are of the first `present` classes alone."""
    labels = random_numbers.integers(0, present, examples)
    logits = np.round(random_numbers.normal(size=(examples, classes)) + 0.8 * np.eye(classes)[labels], 1)
    scores = softmax(logits)
    predictions = logits.argmax(axis=1)
    values = {
        "accuracy": metrics.accuracy_score(labels, predictions),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predictions),
        "matthews": metrics.matthews_corrcoef(labels, predictions),
    } | averages(MEASURES, labels, predictions)
    if classes == 2:
        values |= {measure: score(labels, predictions) for measure, score in MEASURES.items()}
        values["roc_auc"] = metrics.roc_auc_score(labels, scores[:, 1])
        values["average_precision"] = metrics.average_precision_score(labels, scores[:, 1])
    else:
        values |= {measure: score(labels, predictions, average="macro") for measure, score in MEASURES.items()}
        every = list(range(classes))
        values["roc_auc"] = refused_as_nan(metrics.roc_auc_score, labels, scores, multi_class="ovr", labels=every)
        values["average_precision"] = refused_as_nan(metrics.average_precision_score, labels, scores)
    rows = metrics.precision_recall_fscore_support(labels, predictions, labels=list(range(classes)))
    confusion = metrics.confusion_matrix(labels, predictions, labels=list(range(classes)))
    return {
        "logits": logits.tolist(),
        "labels": labels.tolist(),
        "metrics": numbers(values),
        "rows": np.transpose(rows).tolist(),
        "confusion": confusion.tolist(),
        "baseline": float(np.bincount(labels).max() / examples),
    }


def of_labels(random_numbers, count, examples, rate, present):
    """Labels are on with this chance, those from `present` on never."""
    labels = (random_numbers.random((examples, count)) < rate).astype(int)
    labels[:, present:] = 0
    logits = np.round(random_numbers.normal(size=(examples, count)) + labels - 0.5, 1)
    predictions = (logits > 0).astype(int)
    values = {
        "accuracy": metrics.accuracy_score(labels, predictions),
        "f1_samples": metrics.f1_score(labels, predictions, average="samples"),
        "hamming_loss": metrics.hamming_loss(labels, predictions),
    } | averages(MEASURES, labels, predictions)
    for average in ("macro", "micro"):
        values[f"roc_auc_{average}"] = metrics.roc_auc_score(labels, logits, average=average)
        values[f"average_precision_{average}"] = metrics.average_precision_score(labels, logits, average=average)
    rows = metrics.precision_recall_fscore_support(labels, predictions)
    return {
        "logits": logits.tolist(),
        "labels": labels.tolist(),
        "metrics": numbers(values),
        "rows": np.transpose(rows).tolist(),
        "baseline": float(np.unique(labels, axis=0, return_counts=True)[1].max() / examples),
    }


def of_tags(tags, seed):
    source = random.Random(seed)
    lengths = [source.randrange(0, 9) for _ in range(12)] + [1]
    real = [[source.randrange(len(tags)) for _ in range(length)] for length in lengths]
    predicted = [[tag if source.random() < 0.7 else source.randrange(len(tags)) for tag in row] for row in real]
    return measured_tags(tags, predicted, real)


def measured_tags(tags, predicted, real):
    y_true, y_pred = ([[tags[tag] for tag in row] for row in rows] for rows in (real, predicted))
    scores = {name: getattr(seqeval.metrics, f"{name}_score") for name in MEASURES}
    values = {name: score(y_true, y_pred) for name, score in scores.items()}
    values["accuracy"] = seqeval.metrics.accuracy_score(y_true, y_pred)
    types = sorted({entity[0] for rows in (y_true, y_pred) for entity in get_entities(rows)})
    rows = seqeval.metrics.sequence_labeling.precision_recall_fscore_support(y_true, y_pred) if types else ()
    return {
        "tags": tags,
        "predicted": predicted,
        "real": real,
        "entities": [[[first, last, kind] for kind, first, last in get_entities(row)] for row in y_true],
        "metrics": numbers(values | averages(scores, y_true, y_pred)),
        "types": types,
        "rows": np.transpose(rows).tolist() if types else [],
    }


def main():
    warnings.simplefilter("ignore")
    source = np.random.default_rng(20)
    iob = TAG_SETS["IOB2"]
    goldens = {
        "classes": [
            of_classes(source, 2, 40, 2),
            of_classes(source, 2, 5, 1),
            of_classes(source, 3, 60, 3),
            of_classes(source, 4, 9, 2),
            of_classes(source, 20, 200, 20),
        ],
        "labels": [
            of_labels(source, 4, 30, 0.4, 3),
            of_labels(source, 3, 5, 0.5, 0),
            of_labels(source, 12, 80, 0.15, 12),
        ],
        "tags": [of_tags(tags, seed) for seed, tags in enumerate(TAG_SETS.values())]
        + [
            measured_tags(iob, [[0, 0]], [[0, 0]]),
            measured_tags(iob, [[0, 1, 2]], [[0, 0, 0]]),
            measured_tags(iob, [[0, 2, 2]], [[0, 1, 2]]),
        ],
    }
    path = pathlib.Path(__file__).parent.parent / "tests/unit/score/class_goldens.json"
    lists = ((kind, ",\n".join(json.dumps(case) for case in cases)) for kind, cases in goldens.items())
    path.write_text("{\n" + ",\n".join(f'"{kind}": [\n{cases}\n]' for kind, cases in lists) + "\n}\n")


if __name__ == "__main__":
    main()
