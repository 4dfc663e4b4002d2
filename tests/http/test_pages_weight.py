"""What a page costs on a cheap phone: style sheets and scripts within their budget, and none that nobody asks for."""

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from services.core.calendar import Hours
from services.unions.types import Place
from tests.builders.market import branch, every_day
from tests.builders.world import World
from tests.http.pages import Reader

APP = Path(__file__).resolve().parents[2] / "app"
STATIC = APP / "static"
FIRST_VIEW = 60_000


def _templates() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.html"))


def test_the_core_styles_fit() -> None:
    core = (STATIC / "tokens.css").read_bytes() + (STATIC / "components.css").read_bytes()
    assert len(core) <= 20_000 and len(gzip.compress(core)) <= 6_000


@pytest.mark.parametrize(
    ("pack", "most"), [("card.css", 4_000), ("till.css", 4_000), ("events.css", 3_000), ("console.css", 6_000)]
)
def test_a_pack_fits(pack: str, most: int) -> None:
    assert (STATIC / pack).stat().st_size <= most


def test_the_scripts_of_one_page_fit() -> None:
    templates = {
        path.relative_to(root).as_posix(): path
        for root in (APP / "pages", APP / "templates")
        for path in root.rglob("*.html")
    }
    weights = {
        name: sum((STATIC / script).stat().st_size for script in _scripts(name, templates)) for name in templates
    }
    assert max(weights.values()) > 5_000, "scripts were looked for in the wrong way"
    assert {name: weight for name, weight in weights.items() if weight > 15_000} == {}


def _scripts(name: str, templates: dict[str, Path]) -> set[str]:
    """Of a template, of what it includes, and of the frame that it extends."""
    text = templates[name].read_text(encoding="utf-8")
    others = re.findall(r'{% (?:extends|include) "([^"]+)"', text)
    own = set(re.findall(r"asset\('(js/[^']+)'\)", text))
    return own.union(*(_scripts(other, templates) for other in others))


def test_every_file_is_asked_for() -> None:
    asked = _templates()
    files = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()]
    assert [name for name in files if f"asset('{name}')" not in asked] == []


def test_every_icon_is_drawn_somewhere() -> None:
    asked = _templates()
    icons = re.findall(r'<symbol id="i-([a-z]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8"))
    assert len(icons) > 20
    # A trade names its icon: its rows come with a migration.
    trades = (APP.parent / "migrations" / "versions" / "0006_shops.py").read_text(encoding="utf-8")
    assert [name for name in icons if f"'{name}'" not in asked and f', "{name}")' not in trades] == []


def test_styles_keep_to_what_old_web_views_know() -> None:
    for path in STATIC.glob("*.css"):
        text = path.read_text(encoding="utf-8")
        for word in (
            ":has(",
            "color-mix(",
            "light-dark(",
            "@container",
            "subgrid",
            "text-size-adjust",
            "http://",
            "@import",
        ):
            assert word not in text, f"{path.name}: {word}"


def test_both_dark_sets_are_the_same() -> None:
    """One for the system's wish, one for the reader's."""
    text = (STATIC / "tokens.css").read_text(encoding="utf-8")
    wished, forced = (part.split("}")[0] for part in text.split("color-scheme: dark;")[1:3])
    assert wished.split() == forced.split()


def test_the_first_view_of_what_many_look_for_fits(client: FlaskClient, world: World) -> None:
    """The page with its style sheets, scripts and icons, as they are; a proxy that compresses makes it a quarter."""
    words = "到店用餐八八折，酒水、海鲜、特价菜和外带除外，节假日前一天请先打电话问有没有位子"
    busy = world.shop("老灶牛肉面与手工水饺连锁餐厅有限公司")
    limits = {"per_member_daily": 1, "per_member_weekly": 2, "per_member_monthly": 3, "per_member_total": 4}
    for _ in range(21):
        world.offer(busy, title={"zh": words}, note={"zh": words}, hours=(Hours(660, 840), Hours(1020, 1260)), **limits)
        shop = world.shop("老灶牛肉面与手工水饺连锁餐厅有限公司")
        for name in ("高营北路盛和广场三楼店", "柳渡大道东门店"):
            branch(world, shop, name, place=Place(30.6, 104.0), hours=every_day(540, 1260), phone="028-5550 0101")
    offer_id = world.offer(busy, **limits)
    member = Reader(client, world, world.member())
    for path in (
        "/shops",
        "/offers",
        f"/shops/{busy.merchant_id}",
        f"/offers/{offer_id}",
        f"/offers/{offer_id}/poster",
    ):
        page = member.open(path)
        asked = {name.split("#")[0] for name in re.findall(r'(?:href|src)="/static/([^"?#]+)', page)}
        weight = len(page.encode()) + sum((STATIC / name).stat().st_size for name in asked)
        assert len(asked) > 3 and weight <= FIRST_VIEW, (path, weight, asked)
