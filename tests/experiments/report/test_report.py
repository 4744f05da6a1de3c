"""The report is one page that needs nothing else, says the same of equal folders, and overwrites nothing foreign."""

import base64
import shutil
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from same_files import assert_same_bytes
from written_by_hand import LIVES, configured, write_folder

from experiments.commands.report import write_report
from experiments.errors import UserError
from experiments.evidence.contest import contest_of
from experiments.evidence.folders import read_folder
from experiments.evidence.results import read_run
from experiments.report.leaderboard import leaderboard_chapters
from experiments.report.page import html, markdown

VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """What stands in a page; raises ValueError where a tag is closed that was not opened last."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        if self.open:
            raise ValueError(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes something else")

    def handle_data(self, data):
        self.words.append(data.strip())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "forgetting<run>"
    out.mkdir()
    return configured(write_folder(out, seeds=3, lost=[("ppo+single", 2, "1-task2")]))


@pytest.fixture(scope="module")
def written(folder, tmp_path_factory):
    return write_report([folder], tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def page(written):
    return Page(written[0].read_text())


def test_the_page_fetches_nothing(page):
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "data", "action"):
            address = attributes.get(name) or ""
            assert not address or address.startswith(("#", "data:image/svg+xml;base64,"))
        assert "url(" not in (attributes.get("style") or "")
    assert not page.all("script")
    assert not page.all("link")
    (style,) = (text for text in page.words if text.startswith(":root"))
    assert "@import" not in style
    assert "url(" not in style


def test_every_link_has_its_heading_and_headings_are_in_order(page):
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3", "h4")]

    assert len(set(identities)) == len(identities)
    assert {attributes["href"] for attributes in page.all("a")} == {f"#{identity}" for identity in identities}
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))


def test_every_figure_says_what_it_shows_and_is_whole(page):
    images = page.all("img")

    assert len(images) == 4 + len(LIVES) + 4  # bars of AP and forgetting, curves, bars of transfer; two measures each
    for image in images:
        assert len(image["alt"] or "") > 40
        svg = base64.b64decode(image["src"].partition(",")[2]).decode()
        assert svg.rstrip().endswith("</svg>")
        assert 'href="http' not in svg
        assert "<dc:date>" not in svg


def test_every_agent_has_curves_a_matrix_of_both_measures_and_rows(page):
    labels = [attributes.get("aria-label") for attributes in page.all("div")]
    for agent in LIVES:
        assert any((image["alt"] or "").startswith(f"Learning curves of {agent} over") for image in page.all("img"))
        n = 2 if agent == "ppo+single" else 3
        assert f"{agent}: performance (n = {n})" in labels
        assert f"{agent}: intake (n = {n})" in labels
        assert page.words.count(agent) >= 5


def test_tables_have_captions_and_heads_of_rows_and_columns(page):
    tables = [tag for tag, _ in page.tags if tag in ("table", "caption")]

    assert tables == ["table", "caption"] * (len(tables) // 2)
    assert {attributes.get("scope") for attributes in page.all("th")} == {"row", "col"}


def test_names_from_folders_are_text_and_not_markup(page, written):
    assert any("forgetting<run>" in text for text in page.words)
    assert not page.all("run>") + page.all("b")
    assert "forage run forgetting --out 'a<b>&c'" in "\n".join(page.words)
    assert "forgetting\\<run>" in written[1].read_text()


def test_the_markdown_has_the_numbers_computed_by_hand(written):
    lines = written[1].read_text().splitlines()

    # after the last phase 0.6 and 0.8, task 1 from 0.9: forgetting 0.3, with equal seeds
    assert "| ppo | performance | 0.60 ± 0.00 | 0.80 ± 0.00 | 0.70 [0.70, 0.70] | 0.30 [0.30, 0.30] | 3 |" in lines
    assert "| 1: Task 1 | • 0.90 | 0.40 |" in lines
    assert any(line.startswith("| ppo | 200 | 7.5 | 3.0 kB |") for line in lines)
    assert "- ppo+single: left out, since not complete: seed 2." in lines
    assert "git checkout " + "0" * 40 in lines


def test_equal_folders_give_equal_bytes(folder, written, tmp_path):
    copy = shutil.copytree(folder, tmp_path / folder.name)

    again = write_report([copy], tmp_path / "elsewhere.html")

    for one, other in zip(again, written, strict=True):
        assert_same_bytes(one, other)
    assert not list(tmp_path.glob(".draft*"))


def test_the_sleep_experiment_is_shown_branch_by_branch(told, tmp_path):
    lines = read_folder(told.path).contest.lines
    assert [line.agent for line in lines] == ["spiking", "spiking+Int(T1,T2)", "spiking+Int(S,T1)"]
    assert [stage.name for stage in lines[2].phases] == ["T1", "T1-T2", "T1-T2-Int(S,T1)"]

    text = write_report([told.path], tmp_path / "r" / "sleep.html")[0].read_text()

    assert "unsupervised → T1 → T1-T2 → T1-T2-Int(S,T1)" in text
    assert sum((image["alt"] or "").startswith("Performance of ") for image in Page(text).all("img")) == 1


def test_folders_of_one_protocol_stand_side_by_side_if_their_agents_differ(folder, tmp_path):
    for name, agents in (("a", ("ppo",)), ("b", ("ppo+ewc",)), ("none", ("ppo",))):
        (tmp_path / name).mkdir()
        lost = [("ppo", 0, "2-task2")] if name == "none" else ()
        configured(write_folder(tmp_path / name, agents=agents, lost=lost))

    page = Page(write_report([tmp_path / name for name in ("a", "b", "none")], tmp_path / "r.html")[0].read_text())

    assert "Protocol paper, mini: a, b" in page.words
    assert "Protocol paper, mini: none" in page.words
    assert "No agent has been through all its stages yet." in page.words


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_what_is_no_report_is_not_overwritten(folder, tmp_path, name):
    (tmp_path / name).write_text("my notes")

    with pytest.raises(UserError, match="is no report of forage; it is not overwritten: choose another --out"):
        write_report([folder], tmp_path / "report.html")

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "my notes"


def test_what_cannot_be_told_is_refused_with_the_remedy(folder, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    (old / "config.json").write_text('{"format": 1}')
    for folders, out, text in (
        ([tmp_path / "nowhere"], "r.html", "is not a folder; give result folders"),
        ([tmp_path], "r.html", "holds no config.json, so it is not a result folder"),
        ([old], "r.html", "in format 1 holds no plans that this version can read"),
        ([folder, folder], "r.html", "is given twice; give it once"),
        ([folder], "r.pdf", "is not called .html"),
    ):
        with pytest.raises(UserError, match=text):
            write_report(folders, tmp_path / out)


def test_a_run_without_tables_yet_is_named(folder, tmp_path):
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())

    with pytest.raises(UserError, match=r"has no results\.csv yet"):
        read_folder(tmp_path)


def test_a_report_of_ours_is_written_anew(folder, written, tmp_path):
    for path in written:
        shutil.copy(path, tmp_path / path.name)
    configured(write_folder(tmp_path, agents=("ppo",)), preset="other")

    write_report([tmp_path], tmp_path / "report.html")

    assert "Protocol paper, other" in (tmp_path / "report.md").read_text()


def test_a_leader_board_ranks_everybody_of_every_protocol(tmp_path):
    contest = contest_of(read_run(write_folder(tmp_path, seeds=6)))

    contents = leaderboard_chapters({"paper": contest}, {"paper": ["ppo+ewc"]})
    page, tables = html("Board", contents), markdown("Board", contents)

    assert page == html("Board", leaderboard_chapters({"paper": contest}, {"paper": ["ppo+ewc"]}))
    assert page.count("data:image/svg+xml") == 1
    for agent in ("ppo", "ppo+ewc", "ppo+interleaved", "ppo+single"):
        assert f"| {agent} |" in tables
    assert "New beside the shipped results: ppo+ewc." in tables
    assert "| bound |" in tables
