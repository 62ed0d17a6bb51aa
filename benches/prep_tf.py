"""tf.data preparing pictures, for `prep_peers.py`."""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from prep_peers import SIDE_PX

BATCH_SIZE = 16
RATIOS = (1, 2, 4, 8)


def decode_reduced(data):
    """Decodes a JPEG, shrunk as far as it stays 224 pixels or more."""
    shorter = tf.reduce_min(tf.image.extract_jpeg_shape(data)[:2])
    level = sum(tf.cast(shorter // ratio >= SIDE_PX, tf.int32) for ratio in RATIOS[1:])
    ways = [
        lambda ratio=ratio: tf.io.decode_jpeg(data, channels=3, ratio=ratio) for ratio in RATIOS
    ]
    return tf.switch_case(level, ways)


def decode_full(data):
    """Decodes every pixel of a JPEG."""
    return tf.io.decode_jpeg(data, channels=3)


def resize(pixels):
    """Antialiased bilinear, rounded to u8 [224, 224, 3]."""
    small = tf.image.resize(pixels, (SIDE_PX, SIDE_PX), antialias=True)
    return tf.cast(small + 0.5, tf.uint8)


def decoder(reduced):
    """One of the two decoders."""
    return decode_reduced if reduced else decode_full


class Eager:
    """The same operations one by one, for timing the stages."""

    def __init__(self, reduced):
        limit_threads(1)
        self.decode_graph, self.resize_graph = tf.function(decoder(reduced)), tf.function(resize)

    def read(self, path):
        return tf.io.read_file(str(path))

    def decode(self, data):
        return self.decode_graph(data)

    def resize(self, pixels):
        return self.resize_graph(pixels).numpy()


def limit_threads(count):
    """Before the first operation: no more than `count` threads compute."""
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)


def pipeline(photos, workers, reduced):
    """A dataset of (row numbers, rows), in whatever order they get ready."""
    decode = decoder(reduced)
    data = tf.data.Dataset.from_tensor_slices((np.arange(len(photos)), photos))
    options = tf.data.Options()
    options.threading.private_threadpool_size = workers
    options.deterministic = False
    return (
        data.with_options(options)
        .map(lambda row, path: (row, resize(decode(tf.io.read_file(path)))), workers)
        .batch(BATCH_SIZE)
        .prefetch(1)
    )


def fill(data, rows):
    """Copies every batch to its rows."""
    for numbers, batch in data.as_numpy_iterator():
        rows[numbers] = batch


def fill_rows(photos, rows, workers, reduced):
    """Fills the rows once the pipeline has run on two pictures.

    Returns the warm seconds and processor seconds.
    """
    limit_threads(workers)
    names = [str(path) for path in photos]
    fill(pipeline(names[:2], workers, reduced), rows)
    started, cpu_started = time.perf_counter(), time.process_time()
    fill(pipeline(names, workers, reduced), rows)
    return time.perf_counter() - started, time.process_time() - cpu_started
