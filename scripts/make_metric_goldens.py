#!/usr/bin/env python3
"""Prints the values in tests/unit/score/glue_metrics_test.cpp, as NAME VALUE, by scikit-learn and scipy."""

from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, mean_squared_error

LABELS, GUESSES = [0, 1, 1, 2, 0, 1, 2, 2, 1, 0, 0, 1], [0, 1, 0, 2, 0, 2, 2, 1, 1, 0, 1, 1]
BINARY, BINARY_GUESSES = [0, 1, 1, 1, 0, 1, 0, 0, 1, 0], [0, 1, 0, 1, 0, 1, 1, 0, 1, 1]
X, Y = [0.5, 2.25, 2.25, 3.75, 1.0, 4.5, 0.0, 2.25], [0.75, 2.0, 2.5, 3.0, 1.5, 5.0, 0.25, 3.0]

for name, value in (("ACC3", accuracy_score(LABELS, GUESSES)), ("MACRO", f1_score(LABELS, GUESSES, average="macro")),
                    ("MCC3", matthews_corrcoef(LABELS, GUESSES)), ("F1", f1_score(BINARY, BINARY_GUESSES)),
                    ("MCC2", matthews_corrcoef(BINARY, BINARY_GUESSES)), ("PEARSON", pearsonr(X, Y)[0]),
                    ("SPEARMAN", spearmanr(X, Y)[0]), ("MSE", mean_squared_error(X, Y))):
    print(name, repr(float(value)))
