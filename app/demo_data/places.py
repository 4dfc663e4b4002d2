"""Where the demo plays: a district that exists nowhere, its towns and parks, and words to name firms by."""

DISTRICT = ("雍河区总工会", "Yonghe District Federation of Trade Unions")
SEAT = ("雍城街道", "Yongcheng Subdistrict")
"""Where the federation has its house."""

PERSONA_TOWN = ("高营产业园", "Gaoying Industrial Park")
OTHER_TOWN = ("柳渡镇", "Liudu Town")
TOWNS = (
    PERSONA_TOWN,
    OTHER_TOWN,
    ("青堤街道", "Qingdi Subdistrict"),
    ("雍城街道", "Yongcheng Subdistrict"),
    ("望桥街道", "Wangqiao Subdistrict"),
    ("东篱街道", "Dongli Subdistrict"),
    ("锦带街道", "Jindai Subdistrict"),
    ("石榴街道", "Shiliu Subdistrict"),
    ("禾丰镇", "Hefeng Town"),
    ("白芷镇", "Baizhi Town"),
    ("云埠镇", "Yunbu Town"),
    ("麦溪镇", "Maixi Town"),
    ("松岭镇", "Songling Town"),
    ("澄湾镇", "Chengwan Town"),
    ("临江智造园", "Linjiang Smart Manufacturing Park"),
    ("北岸科技园", "Beian Science Park"),
)

ROADS = (
    ("兴业路", "Xingye Road"),
    ("堤上路", "Dishang Road"),
    ("学前路", "Xueqian Road"),
    ("集市路", "Jishi Road"),
    ("菊园路", "Juyuan Road"),
    ("渡口街", "Dukou Street"),
    ("工人路", "Gongren Road"),
)

PERSONA_UNION = ("恒沛精密工会", "Hengpei Precision Union")
"""Below PERSONA_TOWN."""

_FIRM_NAMES = """
恒沛 Hengpei|远帆 Yuanfan|嘉穗 Jiasui|启榕 Qirong|盛垚 Shengyao|同舟里 Tongzhouli|广禾 Guanghe|瑞芷 Ruizhi|金榫 Jinsun
华栎 Huali|泰桁 Taiheng|新垄 Xinlong|安麓 Anlu|德笙 Desheng|百桨 Baijiang|汇川渡 Huichuandu|永楫 Yongji|天榆 Tianyu
隆埠 Longbu|诚柘 Chengzhe|鸿苇 Hongwei|宏筏 Hongfa|佳檐 Jiayan|创枥 Chuangli|卓渠 Zhuoqu|明坞 Mingwu|丰椽 Fengchuan
振橹 Zhenlu|锦汀 Jinting|通浦 Tongpu|耀垣 Yaoyuan|凯桠 Kaiya|思岑 Sicen|宇梁 Yuliang|合榭 Hexie|立砚 Liyan
顺橡 Shunxiang|兴岚 Xinglan|润篁 Runhuang|正堰 Zhengyan|聚圩 Juwei|和箬 Heruo|川楠 Chuannan|晟坪 Shengping|泓渚 Hongzhu
"""

_FIELDS = """
精密 Precision|物流 Logistics|电子 Electronics|食品 Foods|纺织 Textiles|制衣 Garments|医药 Pharma|建材 Materials
机电 Machinery|包装 Packaging|新材料 New Materials|塑胶 Plastics|五金 Hardware|印务 Printing|家具 Furniture|陶瓷 Pottery
冷链 Cold Chain|快递 Express|软件 Software|光电 Optoelectronics|线缆 Cables|模具 Moulds|玩具 Toys|鞋业 Footwear
物业 Property Care|家政 Home Services|环卫 Sanitation|园林 Gardening|餐饮 Catering|商贸 Trading|酒店 Hotel|公交 Buses
水务 Water|燃气 Gas|供电 Power Supply|建工 Construction|装饰 Interiors|汽配 Auto Parts|船务 Shipping|农业 Farming
医院 Hospital|中学 Middle School|小学 Primary School|幼儿园 Kindergarten
"""


def _pairs(text: str) -> list[tuple[str, str]]:
    cells = (cell.split(" ", 1) for line in text.split("\n") for cell in line.split("|") if cell)
    return [(zh, en) for zh, en in cells]


FIRM_NAMES = _pairs(_FIRM_NAMES)
FIELDS = _pairs(_FIELDS)
