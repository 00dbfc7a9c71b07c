"""What tests share that train a tiny BERT on a tiny task: both are made once for a class, in a folder that goes with it."""

import pathlib
import tempfile
import unittest

import tiny


class TaskCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.model = tiny.make_model(cls.root / "model")
        cls.task = tiny.make_task(cls.root / "task")

    @staticmethod
    def adapter(run):
        return (run / "adapter" / "adapter_model.safetensors").read_bytes()
