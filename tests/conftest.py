"""Which fixtures there are: tests/harness. Nothing else stands here."""

pytest_plugins = [
    "tests.harness.channels",
    "tests.harness.database",
    "tests.harness.examples",
    "tests.harness.house",
    "tests.harness.jobs",
]
