"""The partner shops of the demo, two in each of eight trades, and what each gives."""

from dataclasses import dataclass
from typing import Any

from app.demo_data.places import OTHER_TOWN, TOWNS
from services.merchants.types import TradeCode
from services.offers.types import AmountPolicy, OfferKind

ASKED, MAYBE, NEVER = AmountPolicy.REQUIRED, AmountPolicy.OPTIONAL, AmountPolicy.NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class Deal:
    """One offer. Days count from today; `bill` is the range of bills in yuan; `left` is what remains of the stock."""

    zh: str
    en: str
    kind: OfferKind
    terms: dict[str, Any]
    amount: AmountPolicy = ASKED
    bill: tuple[int, int] = (20, 80)
    days: tuple[int, int] = (-90, 120)
    limits: dict[str, Any] | None = None
    left: int | None = None
    town: tuple[str, str] | None = None
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class ShopPlan:
    """One shop. A branch is its name, its address and its clerks; `agreement` is in days from today."""

    zh: str
    en: str
    trade: TradeCode
    branches: tuple[tuple[tuple[str, str], tuple[str, str], tuple[str, ...]], ...]
    deals: tuple[Deal, ...]
    agreement: tuple[int, int] = (-200, 165)
    #: in how many days it takes no cards any more, and why
    suspended: tuple[int, str] | None = None
    #: share of all redemptions
    weight: float = 1.0


def percent(zh: str, en: str, off: int, **more: Any) -> Deal:
    return Deal(zh=zh, en=en, kind=OfferKind.PERCENT, terms={"percent_off": off}, **more)


def amount_off(zh: str, en: str, threshold: int, off: int, **more: Any) -> Deal:
    more = {"bill": (threshold, threshold * 2)} | more
    terms = {"threshold_fen": threshold * 100, "off_fen": off * 100}
    return Deal(zh=zh, en=en, kind=OfferKind.AMOUNT_OFF, terms=terms, **more)


def gift(zh: str, en: str, item: tuple[str, str], **more: Any) -> Deal:
    more = {"amount": NEVER} | more
    return Deal(zh=zh, en=en, kind=OfferKind.GIFT, terms={"gift": {"zh": item[0], "en": item[1]}}, **more)


def fixed(zh: str, en: str, price: int, **more: Any) -> Deal:
    more = {"bill": (price + 5, price * 2)} | more
    return Deal(zh=zh, en=en, kind=OfferKind.FIXED_PRICE, terms={"price_fen": price * 100}, **more)


def member_price(zh: str, en: str, usual: int, price: int, **more: Any) -> Deal:
    terms = {"list_fen": usual * 100, "price_fen": price * 100}
    return Deal(zh=zh, en=en, kind=OfferKind.MEMBER_PRICE, terms=terms, amount=NEVER, **more)


DAILY, ONCE = {"per_member_daily": 1}, {"per_member_total": 1}

NOODLES = ShopPlan(
    zh="老灶牛肉面", en="Old Stove Beef Noodles", trade=TradeCode("dining"), weight=5,
    branches=(
        (("高营店", "Gaoying"), ("高营产业园东门 12 号", "12 East Gate, Gaoying Industrial Park"), ("小唐", "阿珍")),
        (("柳渡店", "Liudu"), ("柳渡镇渡口街 8 号", "8 Dukou Street, Liudu Town"), ("小覃",)),
    ),
    deals=(
        percent("到店用餐 88 折（酒水除外）", "12% off meals, drinks excluded", 12, bill=(18, 96)),
        amount_off("满 30 减 8", "¥8 off ¥30 or more", 30, 8, limits=DAILY),
        gift("送卤蛋一个", "A braised egg for free", ("卤蛋一个", "One braised egg"), limits=DAILY),
        amount_off("柳渡会员专享：满 50 减 15", "Liudu members: ¥15 off ¥50 or more", 50, 15, town=OTHER_TOWN),
        percent("新店券：招牌牛肉面 5 折", "Opening voucher: half-price beef noodles", 50, bill=(28, 36),
                days=(-20, 40), limits={**ONCE, "stock_total": 24}, left=0),
        percent("晚市 7 折（17:00 以后）", "30% off after 17:00", 30, bill=(20, 90), days=(5, 65)),
    ),
)  # fmt: skip

SHOPS: tuple[ShopPlan, ...] = (
    NOODLES,
    ShopPlan(
        zh="满碗粥铺", en="Full Bowl Congee", trade=TradeCode("dining"), weight=3, agreement=(-320, 6),
        branches=(
            (("雍城店", "Yongcheng"), ("雍城街道钟楼巷 3 号", "3 Zhonglou Lane, Yongcheng"), ("小麦", "老周")),
            (("青堤店", "Qingdi"), ("青堤街道堤上路 66 号", "66 Dishang Road, Qingdi"), ("小青",)),
            (("望桥店", "Wangqiao"), ("望桥街道桥头 1 号", "1 Bridgehead, Wangqiao"), ("阿桥",)),
        ),
        deals=(
            percent("堂食 9 折", "10% off in the house", 10, bill=(6, 25), days=(-90, 6)),
            amount_off("满 25 减 5", "¥5 off ¥25 or more", 25, 5, amount=MAYBE, days=(-60, 6), limits=DAILY),
            gift("送小菜一碟", "A side dish for free", ("时令小菜一碟", "A seasonal side dish"),
                 amount=MAYBE, days=(-30, 6)),
        ),
    ),
    ShopPlan(
        zh="半场羽毛球馆", en="Half Court Badminton", trade=TradeCode("sport"), weight=2,
        branches=((("总馆", "Main hall"), ("锦带街道体育路 20 号", "20 Tiyu Road, Jindai"), ("小何", "球童阿力")),),
        deals=(
            percent("场地 7 折", "30% off courts", 30, bill=(40, 120)),
            amount_off("满 100 减 20", "¥20 off ¥100 or more", 100, 20, limits={"per_member_daily": 2}),
            gift("免费借球拍两支", "Two rackets on loan for free", ("球拍两支", "Two rackets, to be returned")),
        ),
    ),
    ShopPlan(
        zh="铁桩健身", en="Iron Post Gym", trade=TradeCode("sport"),
        branches=(
            (("高营店", "Gaoying"), ("高营产业园生活区 3 栋", "Block 3, Gaoying living quarters"), ("教练小雷",)),
            (("北岸店", "Beian"), ("北岸科技园 B 座 1 层", "Level 1, Tower B, Beian Science Park"), ("小苑",)),
        ),
        deals=(
            percent("月卡 8 折", "20% off a month's pass", 20, bill=(199, 299), limits={"per_member_total": 2}),
            gift("体验课一节", "One trial class", ("60 分钟体验课一节", "A class of 60 minutes"), limits=ONCE),
            amount_off("私教课满 500 减 80", "Private lessons: ¥80 off ¥500 or more", 500, 80, amount=MAYBE),
        ),
    ),
    ShopPlan(
        zh="启程职业培训学校", en="Setout Vocational School", trade=TradeCode("training"),
        branches=((("本部", "Main campus"), ("雍城街道学前路 15 号", "15 Xueqian Road, Yongcheng"), ("叶老师",)),),
        deals=(
            percent("电工、焊工取证班 85 折", "15% off electrician's and welder's courses", 15, bill=(600, 1800),
                    limits={"per_member_total": 2}),
            amount_off("满 1000 减 200", "¥200 off ¥1,000 or more", 1000, 200, limits=ONCE),
            gift("送模拟题册一本", "A book of practice papers", ("模拟题册一本", "A book of practice papers"),
                 days=(-30, 60), limits={**ONCE, "stock_total": 40}, left=2),
        ),
    ),
    ShopPlan(
        zh="墨点儿书画", en="Inkdrop Calligraphy", trade=TradeCode("training"), weight=0.7,
        branches=((("青堤店", "Qingdi"), ("青堤街道文昌里 9 号", "9 Wenchangli, Qingdi"), ("小墨",)),),
        deals=(
            percent("少儿书画班 9 折", "10% off children's classes", 10, bill=(300, 900)),
            gift("试听课一节", "One trial lesson", ("试听课一节", "One trial lesson"), limits=ONCE),
            amount_off("青堤会员：满 300 减 45", "Qingdi members: ¥45 off ¥300 or more", 300, 45, town=TOWNS[2]),
        ),
    ),
    ShopPlan(
        zh="长相守婚庆", en="Evermore Weddings", trade=TradeCode("weddings"), weight=0.4,
        branches=((("雍城店", "Yongcheng"), ("雍城街道喜鹊桥 2 号", "2 Xique Bridge, Yongcheng"), ("莲姐",)),),
        deals=(
            percent("婚礼策划 92 折", "8% off wedding planning", 8, bill=(3000, 12000), limits=ONCE),
            amount_off("满 8000 减 800", "¥800 off ¥8,000 or more", 8000, 800, bill=(8000, 18000), limits=ONCE),
            gift("送婚车花饰一套", "Flowers for the wedding car", ("头车花饰一套", "Flowers for one car"), limits=ONCE),
        ),
    ),
    ShopPlan(
        zh="拾影照相馆", en="Gleaned Light Photo", trade=TradeCode("weddings"), weight=0.8,
        branches=(
            (("望桥店", "Wangqiao"), ("望桥街道南街 31 号", "31 South Street, Wangqiao"), ("小影",)),
            (("禾丰店", "Hefeng"), ("禾丰镇集市路 5 号", "5 Jishi Road, Hefeng Town"), ("阿禾",)),
        ),
        deals=(
            percent("全家福套系 75 折", "25% off family portraits", 25, bill=(199, 699), amount=MAYBE),
            percent("证件照半价", "ID photos at half price", 50, amount=NEVER, limits=DAILY),
            amount_off("满 299 减 50", "¥50 off ¥299 or more", 299, 50),
        ),
    ),
    ShopPlan(
        zh="蓝雀影城", en="Blue Finch Cinema", trade=TradeCode("entertainment"), weight=3,
        branches=((("雍河天地店", "Yonghe Plaza"), ("雍河天地 4 层", "Level 4, Yonghe Plaza"), ("小蓝", "小薛")),),
        deals=(
            percent("2D 影票 6 折", "40% off 2D tickets", 40, bill=(35, 180),
                    limits={"per_member_daily": 2}),
            amount_off("满 80 减 15", "¥15 off ¥80 or more", 80, 15),
            gift("送小份爆米花", "A small popcorn", ("小份爆米花一桶", "One small popcorn"),
                 limits={**DAILY, "stock_total": 300}, left=60),
        ),
    ),
    ShopPlan(
        zh="哼唱量贩 KTV", en="Hum Along KTV", trade=TradeCode("entertainment"),
        branches=((("锦带店", "Jindai"), ("锦带街道夜市路 18 号", "18 Yeshi Road, Jindai"), ("阿哼",)),),
        deals=(
            percent("包厢欢唱 5 折", "Half price on rooms", 50, bill=(80, 260)),
            amount_off("满 200 减 50", "¥50 off ¥200 or more", 200, 50, limits=DAILY),
            member_price("欢唱三小时套餐", "Three hours and drinks", 168, 118),
            gift("送果盘一份", "A fruit plate", ("果盘一份", "One fruit plate"), days=(-60, -3)),
        ),
    ),
    ShopPlan(
        zh="麦溪采摘园", en="Maixi Orchard", trade=TradeCode("leisure"), agreement=(-120, 245),
        branches=((("麦溪园", "Maixi"), ("麦溪镇上坝村口", "Shangba village, Maixi Town"), ("果农老田",)),),
        deals=(
            percent("入园门票 8 折", "20% off admission", 20, bill=(30, 160)),
            amount_off("满 150 减 30", "¥30 off ¥150 or more", 150, 30),
            gift("送土鸡蛋 6 枚", "Six farm eggs", ("土鸡蛋 6 枚", "Six farm eggs"),
                 limits={**ONCE, "stock_total": 100}, left=35),
        ),
    ),
    ShopPlan(
        zh="暖泉池汤浴", en="Warm Spring Baths", trade=TradeCode("leisure"), weight=0.8,
        suspended=(7, "汤池管道检修，大约两周"),
        branches=((("松岭店", "Songling"), ("松岭镇温泉路 99 号", "99 Wenquan Road, Songling Town"), ("小汤",)),),
        deals=(
            percent("门票 65 折", "35% off tickets", 35, bill=(98, 392)),
            amount_off("双人同行满 260 减 60", "¥60 off ¥260 or more for two", 260, 60),
            percent("新池开放周：门票 58 折", "Opening week: 42% off tickets", 42, bill=(98, 392), days=(9, 15)),
        ),
    ),
    ShopPlan(
        zh="亮堂堂家电", en="Bright Hall Appliances", trade=TradeCode("appliances"), weight=0.8,
        branches=(
            (("雍城店", "Yongcheng"), ("雍城街道商贸街 40 号", "40 Shangmao Street, Yongcheng"), ("小亮",)),
            (("白芷店", "Baizhi"), ("白芷镇正街 7 号", "7 Main Street, Baizhi Town"), ("老仇",)),
        ),
        deals=(
            percent("小家电 9 折", "10% off small appliances", 10, bill=(89, 699)),
            amount_off("满 2000 减 150", "¥150 off ¥2,000 or more", 2000, 150, limits={"per_member_total": 3}),
            gift("免费清洗油烟机一次", "One free hood cleaning", ("上门清洗油烟机一次", "One hood cleaning at home"),
                 limits=ONCE),
        ),
    ),
    ShopPlan(
        zh="芯桥数码", en="Corebridge Digital", trade=TradeCode("appliances"), agreement=(-368, -3),
        branches=((("北岸店", "Beian"), ("北岸科技园 A 座底商", "Shop 2, Tower A, Beian Science Park"), ("小芯",)),),
        deals=(
            percent("配件 85 折", "15% off accessories", 15, bill=(19, 260)),
            amount_off("满 1000 减 60", "¥60 off ¥1,000 or more", 1000, 60, bill=(1000, 3800)),
            gift("免费贴膜一次", "A screen protector", ("手机贴膜一次", "A screen protector, fitted"), limits=ONCE),
        ),
    ),
    ShopPlan(
        zh="快净洗车", en="Quick Clean Car Wash", trade=TradeCode("car_repair"), weight=2,
        branches=(
            (("高营店", "Gaoying"), ("高营产业园西路 2 号", "2 West Road, Gaoying Industrial Park"), ("阿快",)),
            (("东篱店", "Dongli"), ("东篱街道菊园路 11 号", "11 Juyuan Road, Dongli"), ("小净",)),
        ),
        deals=(
            percent("小轿车精洗 6 折", "40% off a thorough wash", 40, bill=(35, 60), limits=DAILY),
            fixed("打蜡一口价 60 元", "Waxing for ¥60", 60),
            amount_off("满 50 减 10", "¥10 off ¥50 or more", 50, 10, withdrawn=True),
            gift("送玻璃水一瓶", "A bottle of screen wash", ("玻璃水一瓶（1.3 升）", "Screen wash, 1.3 litres"),
                 limits={"per_member_total": 4}),
        ),
    ),
    ShopPlan(
        zh="稳当汽修", en="Steady Garage", trade=TradeCode("car_repair"), weight=0.8,
        branches=((("云埠店", "Yunbu"), ("云埠镇国道边 168 号", "168 Highway side, Yunbu Town"), ("戚师傅",)),),
        deals=(
            percent("保养工时费 8 折", "20% off labour", 20, bill=(120, 600), amount=MAYBE),
            amount_off("满 600 减 80", "¥80 off ¥600 or more", 600, 80),
            gift("免费车况检测", "A free check", ("全车 28 项检测一次", "One check of 28 points"),
                 limits={"per_member_total": 2}),
        ),
    ),
)  # fmt: skip
