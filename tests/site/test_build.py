import pytest

from ops_model.errors import OpsModelError, UsageError
from ops_model.site.build import build_site
from ops_model.site.kept import PAGES_FILE
from tests.site.samples import site_input


def contents(folder):
    """Every file but the list that says when each page was written."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file() and path.name != PAGES_FILE
    }  # fmt: skip


def test_the_site_is_written_with_all_that_it_loads(tmp_path):
    index = build_site(site_input(), tmp_path / "site")

    assert index == tmp_path / "site" / "index.html"
    for name in ("plotly.min.js", "site.css", "loader.js"):
        assert (tmp_path / "site" / "assets" / name).stat().st_size > 0


def test_equal_input_gives_equal_bytes(tmp_path):
    build_site(site_input(), tmp_path / "one")
    build_site(site_input(), tmp_path / "two")

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_page_that_no_longer_exists_goes_with_the_old_site(tmp_path):
    build_site(site_input(), tmp_path / "site")

    build_site(site_input(systems=()), tmp_path / "site")

    assert not (tmp_path / "site" / "systems").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("years of work")

    with pytest.raises(UsageError, match="did not write"):
        build_site(site_input(), tmp_path / "site")

    assert contents(tmp_path) == {"site/thesis.txt": b"years of work"}


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "site").mkdir()

    build_site(site_input(), tmp_path / "site")

    assert (tmp_path / "site" / "index.html").is_file()


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "site").write_text("a file")

    with pytest.raises(UsageError):
        build_site(site_input(), tmp_path / "site")


def test_a_build_that_fails_leaves_the_old_site_as_it_was(tmp_path):
    build_site(site_input(), tmp_path / "site")
    before = contents(tmp_path)
    # A file where the new pages would be written; nobody can make a folder there.
    (tmp_path / ".site-new").write_text("in the way")

    with pytest.raises(OpsModelError, match="could not be written"):
        build_site(site_input(systems=()), tmp_path / "site")

    (tmp_path / ".site-new").unlink()
    assert contents(tmp_path) == before


def test_what_a_killed_build_left_behind_does_not_matter(tmp_path):
    (tmp_path / ".site-new" / "half").mkdir(parents=True)

    build_site(site_input(), tmp_path / "site")

    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_swap_that_was_cut_off_is_finished_by_the_next_build(tmp_path):
    build_site(site_input(), tmp_path / "site")
    (tmp_path / "site").rename(tmp_path / ".site-previous")
    (tmp_path / ".site-new").write_text("in the way")

    with pytest.raises(OpsModelError):
        build_site(site_input(), tmp_path / "site")

    assert (tmp_path / "site" / "index.html").is_file()
