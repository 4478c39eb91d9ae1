"""What is wrong with a file of worked examples is said with its file and line."""

from pathlib import Path

import pytest

from tests.examples.reader import MisreadError, read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("2026-06-01 contract C1", "2: no fact is called 'contract'", id="an unknown fact"),
        pytest.param("2026-06-01 contact C1 late=1", "2: .* has no field late", id="an unknown field"),
        pytest.param("2026-06-01 contact absent", "2: .*\noutcome", id="an unknown outcome"),
        pytest.param("ContactMist C1", "2: no event is called 'ContactMist'", id="an unknown event"),
        pytest.param("given an order", "2: nothing is given as 'an order'", id="nothing given of that name"),
        pytest.param("2026-06-01 contact C1", "1: .*does not say on which day", id="no day"),
        pytest.param(
            "on {day}\n    | day |\n    | 2026-06-01 | x |", "1: .* row of 2 cells", id="an odd row"
        ),
    ],
)
def test_a_mistake_in_a_file(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "some.txt"
    file.write_text(f"Example: an absence\n    {text}\n")
    with pytest.raises(MisreadError, match=f"some.txt:{message}"):
        read(file)


def test_a_line_that_belongs_to_no_example(tmp_path: Path) -> None:
    file = tmp_path / "some.txt"
    file.write_text("A title\n\n    2026-06-01 contact C1\n")
    with pytest.raises(MisreadError, match=r"some.txt:3: stands under no"):
        read(file)
