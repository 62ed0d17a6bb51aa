"""The sneakers tutorial as a Keras user writes it, with a JSON record of what came out.

Two habits of the tutorial's input pipeline are kept on purpose: `cache()` stands after
batching and before `shuffle()`, so from the second epoch on the batches keep their
pictures and only their order changes; and pictures stay float32 in memory.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers
from measure import check_parameters, write_record

IMAGE_SIZE_PX = (224, 224)
BATCH_SIZE = 32


def load_split(folder, seed):
    """Batches of (f32 [n, 224, 224, 3] in 0-255, label [n]), and the sorted class names."""
    split = keras.utils.image_dataset_from_directory(
        folder, image_size=IMAGE_SIZE_PX, batch_size=BATCH_SIZE, shuffle=True, seed=seed
    )
    return split, split.class_names


def tutorial_network(classes):
    """The tutorial's network; its output is logits [n, classes]."""
    return keras.Sequential(
        [
            keras.Input((*IMAGE_SIZE_PX, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, activation="relu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.3),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(classes),
        ]
    )


def compile_network(model):
    """Adam with the tutorial's staircase schedule, cross-entropy from logits, accuracy."""
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-4, 50, 0.98, staircase=True)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


class TrainSeconds(keras.callbacks.Callback):
    """Times the training part of each epoch: from its start to its validation's."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_test_begin(self, logs=None):
        self.seconds.append(time.perf_counter() - self.started)


def callbacks(folder):
    """The tutorial's early stopping and its checkpoint of the best weights."""
    stop = keras.callbacks.EarlyStopping(
        monitor="val_accuracy", min_delta=0.001, patience=20, verbose=1
    )
    best = keras.callbacks.ModelCheckpoint(
        f"{folder}/best.weights.h5",
        monitor="val_accuracy",
        save_best_only=True,
        save_weights_only=True,
    )
    return [stop, best]


def epoch_records(history, seconds):
    """One dictionary per epoch, as `measure` describes them."""
    columns = zip(
        history["loss"], history["accuracy"], seconds, history["val_loss"],
        history["val_accuracy"], strict=True,
    )  # fmt: skip
    keys = ("train_loss", "train_accuracy", "train_seconds", "val_loss", "val_accuracy")
    return [
        {"epoch": number, **dict(zip(keys, values, strict=True))}
        for number, values in enumerate(columns, 1)
    ]


def main():
    """Trains once and writes the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--train", type=Path, default="data/sneakers/train", help="folder per class"
    )
    parser.add_argument("--val", type=Path, default="data/sneakers/test", help="folder per class")
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    args = parser.parse_args()

    keras.utils.set_random_seed(args.seed)
    train, class_names = load_split(args.train, args.seed)
    val, _ = load_split(args.val, args.seed)
    steps = len(train)
    train = train.cache().shuffle(1000).prefetch(tf.data.AUTOTUNE)
    val = val.cache().prefetch(tf.data.AUTOTUNE)

    model = tutorial_network(len(class_names))
    check_parameters(model.count_params(), len(class_names))
    compile_network(model)
    timer = TrainSeconds()
    with tempfile.TemporaryDirectory() as folder:
        fitted = model.fit(
            train, validation_data=val, epochs=args.epochs, verbose=2,
            callbacks=[timer, *callbacks(folder)],
        )  # fmt: skip

    write_record(
        args.out, "keras", ["keras", "tensorflow-cpu", "numpy"],
        epochs=epoch_records(fitted.history, timer.seconds), steps=steps,
        seed=args.seed, classes=class_names, parameters=model.count_params(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
