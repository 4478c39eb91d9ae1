"""Migrations only expand what the release before uses: both releases run on the same tables for a while."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RELEASED = (ROOT / "tests/upgrade/released_migrations.txt").read_text().split()
SET_BY_MIGRATE = ("prefer-robust-stmts", "require-lock-timeout", "require-statement-timeout")
"""Each migration is one transaction, and `probation db migrate` sets how long it may wait for a lock."""
CONTRACTS = ("ban-drop-column", "ban-drop-table", "ban-drop-not-null", "renaming-column", "renaming-table")
"""What a migration may do whose name ends with `.contract.sql`: the release before does without it."""


def check(files: Iterable[Path], *excluded: str) -> subprocess.CompletedProcess[str]:
    """Run squawk on these files."""
    rules = f"--exclude={','.join((*SET_BY_MIGRATE, *excluded))}"
    squawk = Path(sys.executable).with_name("squawk")
    command = [str(squawk), "--reporter=gcc", "--pg-version=15.0", "--assume-in-transaction", rules]
    return subprocess.run([*command, *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=False)


def unreleased() -> list[Path]:
    return [
        path
        for package in ("feeds", "services", "shared")  # not copies, such as in build/
        for path in sorted((ROOT / package).glob("**/migrations/*.sql"))
        if path.relative_to(ROOT).as_posix() not in RELEASED
    ]


def test_released_migrations_are_still_there() -> None:
    assert [name for name in RELEASED if not (ROOT / name).exists()] == []


def test_migrations_since_the_release_before_take_nothing_away_that_it_uses() -> None:
    contracting = [path for path in unreleased() if path.name.endswith(".contract.sql")]
    for files, excluded in ((set(unreleased()) - set(contracting), ()), (contracting, CONTRACTS)):
        if files:
            said = check(sorted(files), *excluded)
            assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("alter table cases drop column status;", "ban-drop-column"),
        ("alter table cases rename column status to state_of_it;", "renaming-column"),
        ("alter table cases rename to files;", "renaming-table"),
        ("drop table months;", "ban-drop-table"),
        ("alter table cases alter column release type bigint;", "changing-column-type"),
        ("alter table cases add column added text not null;", "adding-required-field"),
        ("alter table journal alter column place set not null;", "adding-not-nullable-field"),
    ],
)
def test_what_the_release_before_could_not_bear_is_found(statement: str, rule: str, tmp_path: Path) -> None:
    migration = tmp_path / "999_later.sql"
    migration.write_text(statement + "\n")
    said = check([migration])
    assert said.returncode != 0
    assert rule in said.stdout


def test_a_contracting_migration_may_drop(tmp_path: Path) -> None:
    migration = tmp_path / "999_later.contract.sql"
    migration.write_text("alter table cases drop column status;\n")
    assert check([migration], *CONTRACTS).returncode == 0
