"""What the demo's events say, in both languages. Places and telephones are invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Title, text and place: Chinese, then English."""

    title: tuple[str, str]
    text: tuple[str, str]
    place: tuple[str, str]
    contact: str = "区总工会活动部 010-10002100"


WORDS: dict[str, Words] = {
    "first_aid": Words(
        ("急救入门：心肺复苏和止血", "First aid: the basics"),
        (
            "半天讲，半天练，每人都上手按一次。学完就有急救一级，可以报提高班。",
            "Half a day of talk, half a day of practice. Afterwards you have level 1 and may take the next course.",
        ),
        ("雍城街道堤上路 18 号 区职工学校二楼", "Workers' School, 18 Dishang Road, Yongcheng"),
    ),
    "puppets": Words(
        ("木偶戏《小木匠》专场", "Puppet theatre: The Little Carpenter"),
        (
            "七十分钟的木偶戏，大人孩子都看得懂。票少人多，摇号决定；没摇中的，下次摇号机会更大。",
            "Seventy minutes of puppets. Few tickets, so they are drawn; who loses has a better chance next time.",
        ),
        ("雍城街道学前路 3 号 区工人文化宫小剧场", "Workers' Palace, small theatre, 3 Xueqian Road, Yongcheng"),
    ),
    "orchard": Words(
        ("麦溪采摘一日游", "A day in the orchards of Maixi"),
        ("早上八点园区东门发车，摘完果子下午回来。", "The bus leaves the east gate at eight and is back by five."),
        ("麦溪镇集市路 66 号 麦溪采摘园", "Maixi Orchard, 66 Jishi Road, Maixi"),
        "园区工会 010-10002101",
    ),
    "badminton": Words(
        ("全区职工羽毛球联赛", "District badminton league"),
        (
            "男单、女单、混双三个组别，可以兼报。混双由一人报名，搭档在自己手机上确认就算报上。球由主办方提供，球拍自带。",
            (
                "Men's and women's singles, mixed doubles; you may enter several. One of a pair signs up, the partner "
                "confirms on their own phone. Bring a racket."
            ),
        ),
        ("高营产业园兴业路 20 号 半场羽毛球馆", "Half Court Badminton, 20 Xingye Road, Gaoying"),
    ),
    "tug_of_war": Words(
        ("全区职工拔河赛", "District tug-of-war"),
        (
            "以单位为队，每队八到十人，至少三名女职工。由单位工会统一报名，队员会收到通知，不想去可以在手机上退出。",
            (
                "Teams of eight to ten from one unit, three women at least. Your union enters the team; you are told "
                "and may withdraw on your phone."
            ),
        ),
        ("禾丰镇工人路 9 号 禾丰体育场", "Hefeng Stadium, 9 Gongren Road, Hefeng"),
    ),
    "pottery": Words(
        ("周末一起做陶艺", "A weekend at the potter's wheel"),
        (
            "单身职工的下午：两人一个转盘，做一只杯子，边做边聊。男女名额各一半。名单只有主办工会看得到。",
            (
                "An afternoon for singles: two at a wheel. As many places for women as for men. Only the organiser "
                "sees who comes."
            ),
        ),
        ("锦带街道菊园路 41 号 泥巴时间陶艺馆", "Mud Time Pottery, 41 Juyuan Road, Jindai"),
    ),
    "calligraphy": Words(
        ("职工书法作品征集", "Workers' calligraphy"),
        (
            "毛笔、硬笔都可以，内容自定，一人一件。报名时上传作品照片，入选的作品在文化宫展出一周。",
            "Brush or pen, any text, one work each. Upload a photo; the chosen works are on show for a week.",
        ),
        ("雍城街道学前路 3 号 区工人文化宫展厅", "Workers' Palace, gallery, 3 Xueqian Road, Yongcheng"),
    ),
    "labour_law": Words(
        ("法律讲座：劳动合同怎么看", "Lecture: how to read an employment contract"),
        (
            "试用期、加班费、社保、离职，律师用真实的合同一条条讲，讲完现场答疑。没报名也可以来，有座就进。",
            (
                "Probation, overtime, insurance, leaving: a lawyer reads real contracts, then takes questions. You may "
                "also just come, if there is a seat."
            ),
        ),
        ("高营产业园兴业路 2 号 园区职工之家报告厅", "Lecture hall, 2 Xingye Road, Gaoying"),
        "园区工会 010-10002101",
    ),
    "clinic": Words(
        ("颈肩腰腿义诊", "Free clinic: neck, shoulders, back"),
        ("两位康复科大夫坐诊，每人约十分钟。", "Two doctors, about ten minutes each."),
        ("柳渡镇渡口街 5 号 柳渡职工驿站", "Workers' station, 5 Dukou Street, Liudu"),
        "柳渡镇总工会 010-10002102",
    ),
    "checkup": Words(
        ("职工健康体检", "Health check-up"),
        (
            "选一个到达时段，到了不用排长队。前一天晚上十点以后不吃东西，早上可以喝少量水。",
            "Choose when to arrive, so that nobody queues for long. Nothing to eat after ten the night before.",
        ),
        ("东篱街道工人路 77 号 东篱职工体检中心", "Check-up centre, 77 Gongren Road, Dongli"),
    ),
    "rescuers": Words(
        ("急救提高班（二级）", "First aid: rescuers (level 2)"),
        (
            "两天，学搬运、骨折固定和现场指挥。要先有急救一级。报名后由工会审核，结果发到手机上。",
            "Two days: carrying, splints, taking charge. Needs level 1. The union decides; you are told on your phone.",
        ),
        ("雍城街道堤上路 18 号 区职工学校三楼", "Workers' School, 18 Dishang Road, Yongcheng"),
    ),
    "farm": Words(
        ("亲子农场一日", "A family day on the farm"),
        (
            "带 4 到 14 岁的孩子挖红薯、喂小羊、做一顿午饭。一家最多带一位家属、两个孩子，按人头占名额。",
            (
                "Dig sweet potatoes, feed lambs, cook lunch, with children of 4 to 14. One adult guest and two "
                "children at most; each takes a place."
            ),
        ),
        ("白芷镇集市路 12 号 白芷亲子农场", "Baizhi Farm, 12 Jishi Road, Baizhi"),
    ),
    "play": Words(
        ("话剧《灯火》职工专场", "Play: Lights"),
        (
            "讲一座工厂三代人的故事。摇号前先公布一段密封的承诺，摇完谁都可以照着名单重算一遍。",
            "Three generations of one factory. The draw is sealed beforehand; afterwards anybody can run it again.",
        ),
        ("雍城街道学前路 3 号 区工人文化宫大剧场", "Workers' Palace, great hall, 3 Xueqian Road, Yongcheng"),
    ),
    "magic": Words(
        ("近景魔术之夜", "An evening of close-up magic"),
        ("二十个座位，离台最远的也只有五米。", "Twenty seats, none further than five metres from the stage."),
        ("青堤街道菊园路 8 号 青堤社区剧场", "Qingdi Community Theatre, 8 Juyuan Road, Qingdi"),
    ),
    "lake": Words(
        ("澄湾湖三日疗休养", "Three days of rest at Chengwan Lake"),
        (
            "住湖边疗养院，两晚三天，含食宿和往返车。名额分三批放出：中午、晚上八点、夜里十一点，上什么班都抢得到。",
            (
                "Two nights by the lake, with meals and bus. Places come in three waves, at noon, eight and eleven "
                "at night, so that no shift misses out."
            ),
        ),
        ("松岭镇渡口街 1 号 澄湾湖职工疗养院", "Chengwan Lake Sanatorium, 1 Dukou Street, Songling"),
    ),
    "yoga": Words(
        ("下班瑜伽体验课", "Yoga after work"),
        ("零基础，九十分钟，垫子现场有。", "For beginners; ninety minutes, mats are there."),
        ("高营产业园兴业路 2 号 园区职工之家二楼", "Second floor, 2 Xingye Road, Gaoying"),
        "园区工会 010-10002101",
    ),
    "chess": Words(
        ("园区象棋赛", "Chinese chess in the park"),
        ("积分编排，下五轮。没报名的到现场看看，有空位就能下。", "Five rounds. Come by: there may be a free board."),
        ("高营产业园兴业路 2 号 园区职工之家一楼", "Ground floor, 2 Xingye Road, Gaoying"),
        "园区工会 010-10002101",
    ),
    "film": Words(
        ("恒沛电影包场", "Film night of Hengpei"),
        ("本厂职工专场，一人一座。", "For our own people, a seat each."),
        ("雍河天地 3 楼 蓝雀影城", "Blue Finch Cinema, Yonghe Plaza"),
        "恒沛精密工会 010-10002103",
    ),
    "singers": Words(
        ("职工歌手大赛", "Singing contest"),
        ("海选办法还在商量。", "How to choose is still being discussed."),
        ("雍城街道学前路 3 号 区工人文化宫大剧场", "Workers' Palace, great hall, 3 Xueqian Road, Yongcheng"),
    ),
}
