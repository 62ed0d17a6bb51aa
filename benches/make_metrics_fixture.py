"""Makes metrics.safetensors: what scikit-learn, TorchMetrics and SciPy say of made-up answers.

scikit-learn has accuracy, top-k, macro averages and log loss; TorchMetrics the expected
calibration error; SciPy's bounded minimizer finds the temperature with the least log loss.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from fixture_file import FIXTURES, provenance, write
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)
from torchmetrics.functional.classification import multiclass_calibration_error

# pictures, classes, how far the right class stands out, how sure
CASES = {"two": (60, 2, 1.5, 2.5), "sure": (400, 5, 2.0, 4.0), "unsure": (300, 12, 3.0, 0.4)}
BINS = 15


def draw(pictures, classes, signal, sureness, rng):
    """Logits f32 [n, k] and labels i64 [n]; every class has a picture."""
    labels = np.concatenate([np.arange(classes), rng.integers(classes, size=pictures - classes)])
    logits = rng.normal(size=(pictures, classes))
    logits[np.arange(pictures), labels] += signal
    return (logits * sureness).astype(np.float32), labels.astype(np.int64)


def ece(probabilities, labels):
    return multiclass_calibration_error(
        torch.from_numpy(probabilities), torch.from_numpy(labels), probabilities.shape[1], n_bins=BINS
    ).item()


def figures(log_probabilities, labels):
    """Every figure of one case, in float64."""
    logs = log_probabilities.astype(np.float64)
    classes = np.arange(logs.shape[1])
    predicted = logs.argmax(axis=1)
    at = lambda temperature: softmax(logs / temperature, axis=1)
    loss = lambda temperature: log_loss(labels, at(temperature), labels=classes)
    fitted = minimize_scalar(
        lambda log_t: loss(np.exp(log_t)),
        bounds=(np.log(0.05), np.log(20)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    temperature = float(np.exp(fitted.x))
    macro = precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)
    return {
        "accuracy": accuracy_score(labels, predicted),
        "top_k": {
            k: top_k_accuracy_score(labels, at(1), k=k, normalize=False, labels=classes)
            for k in (2, 3, 5)
            if k < len(classes)
        },
        "macro": [float(figure) for figure in macro[:3]],
        "log_loss": loss(1),
        "ece": ece(at(1), labels),
        "temperature": temperature,
        "tempered_log_loss": loss(temperature),
        "tempered_ece": ece(at(temperature), labels),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES / "metrics.safetensors")
    out = parser.parse_args().out
    rng = np.random.default_rng(20261128)
    tensors, metadata = {}, {}
    for name, case in CASES.items():
        logits, labels = draw(*case, rng)
        logs = log_softmax(logits.astype(np.float64), axis=1).astype(np.float32)
        tensors |= {f"{name}.log_probabilities": logs, f"{name}.labels": labels}
        metadata[f"{name}.figures"] = figures(logs, labels)
        print(name, metadata[f"{name}.figures"])
    packages = ("numpy", "scikit-learn", "scipy", "torch", "torchmetrics")
    write(out, tensors, metadata | provenance(__file__, *packages), 64 * 1024)


if __name__ == "__main__":
    main()
