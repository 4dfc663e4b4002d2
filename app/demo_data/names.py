"""Names for people who do not exist: common and rare surnames, compound ones, minority names, very long ones."""

import random

from services.members.documents import Sex

COMMON = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
LESS_COMMON = "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
RARE = "禤麦冼邝佘覃蒙韦莫区仉笪缑亓麴逯郏蔺佟苑闵柘郗荀妫贠庹乜"
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "南宫")

WOMEN_FIRST = "春秀玉桂美晓雪佳雅思梦欣婉慧淑翠巧惠素月"
WOMEN_SECOND = "梅兰英芳霞玲燕萍娟云凤莲婷琳怡悦琴珍蓉菊"
MEN_FIRST = "建志永文海明俊浩宇家天成光荣振庆景立守福"
MEN_SECOND = "军平伟勇刚辉斌峰鹏亮波林生根旺顺泉松柱川"
WOMEN_ALONE, MEN_ALONE = "婷倩洁钰琪岚莹芮", "鑫斌栋楠旭垚"

WOMEN_DOTTED = ("阿依古丽", "古丽娜尔", "帕提曼", "热依汗", "玛依拉")
MEN_DOTTED = ("买尔旦", "吐尔逊江", "努尔兰", "巴合提", "艾尼瓦尔")
DOTTED_SECOND = ("买买提", "艾合买提", "吐尔地", "依明", "卡德尔", "哈力克", "木沙", "托合提", "斯拉木", "尼牙孜")
LONG = (
    "阿不都热依木江·阿不都克里木阿吉·麦麦提吐尔逊",
    "古丽巴哈尔古丽·阿卜杜外力·伊敏尼亚孜",
    "欧阳慕容清婉思源",
    "Maximiliana Theodora Featherstonehaugh-Okonkwo",
    "Bartholomew Quillfeather",
)  # fmt: skip

PERSONA = "李春梅"


def draw(rng: random.Random, sex: Sex) -> str:
    """One full name; the very long ones are anybody's."""
    dice = rng.random()
    if dice < 0.001:
        return rng.choice(LONG)
    if dice < 0.012:
        return f"{rng.choice(WOMEN_DOTTED if sex is Sex.FEMALE else MEN_DOTTED)}·{rng.choice(DOTTED_SECOND)}"
    return _surname(rng) + _given(rng, sex)


def _surname(rng: random.Random) -> str:
    dice = rng.random()
    if dice < 0.02:
        return rng.choice(COMPOUND)
    if dice < 0.06:
        return rng.choice(RARE)
    if dice < 0.30:
        return rng.choice(LESS_COMMON)
    # The first of the list are far more frequent than the last.
    return COMMON[int(len(COMMON) * rng.random() ** 2)]


def _given(rng: random.Random, sex: Sex) -> str:
    alone, first, second = (
        (WOMEN_ALONE, WOMEN_FIRST, WOMEN_SECOND) if sex is Sex.FEMALE else (MEN_ALONE, MEN_FIRST, MEN_SECOND)
    )
    return rng.choice(alone) if rng.random() < 0.12 else rng.choice(first) + rng.choice(second)
