"""Invented people and places of the demonstration: the same `rng` makes the same names, and none of them is real."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

MALE, FEMALE = "男", "女"

# --- Weighted choice --------------------------------------------------------------------------------------------------


Table = tuple[list[str], list[float]]


def _table(text: str) -> Table:
    """`王 7.2 李 7.0` as words and the sums of weights up to each: what `random.choices` would add up every time."""
    words = text.split()
    return words[::2], list(accumulate(float(word) for word in words[1::2]))


def _pick(rng: random.Random, table: Table) -> str:
    words, sums = table
    return rng.choices(words, cum_weights=sums)[0]


@cache
def _words(text: str) -> list[str]:
    return text.split()


# --- Names of people --------------------------------------------------------------------------------------------------

# Shares in percent: those of the country, with the names that are at home in Shanxi a little heavier.
SURNAMES = _table(
    "王 7.6 李 7.3 张 7.2 刘 5.0 杨 3.1 赵 3.0 郭 2.6 陈 2.3 高 1.7 马 1.6 武 1.2 任 1.2 贾 1.1 韩 1.1 郝 1.0 "
    "梁 1.0 孙 1.0 段 0.9 侯 0.9 白 0.9 田 0.9 吴 0.9 曹 0.9 薛 0.8 宋 0.8 闫 0.8 崔 0.8 秦 0.8 石 0.8 周 0.8 "
    "董 0.8 冯 0.8 樊 0.7 牛 0.7 杜 0.7 程 0.7 常 0.7 胡 0.7 徐 0.7 卫 0.6 史 0.6 申 0.6 康 0.6 乔 0.6 温 0.6 "
    "许 0.6 朱 0.5 苏 0.5 孟 0.5 范 0.5 魏 0.5 姚 0.5 柴 0.5 解 0.4 丁 0.4 贺 0.4 郑 0.4 何 0.4 尹 0.4 原 0.4 "
    "靳 0.4 邢 0.4 吕 0.4 成 0.4 黄 0.4 霍 0.4 安 0.4 裴 0.3 冀 0.3 谢 0.3 袁 0.3 罗 0.3 潘 0.3 于 0.3 毛 0.3 "
    "景 0.3 相 0.2 续 0.2 宁 0.2 米 0.2 祁 0.2 仝 0.2 茹 0.2 卢 0.2 唐 0.2 曾 0.2 邓 0.2 彭 0.2 叶 0.2 蒋 0.2 "
    "弓 0.1 智 0.1 逯 0.1 亢 0.1 暴 0.1 栗 0.1 降 0.05 "
    "令狐 0.08 上官 0.04 皇甫 0.04 尉迟 0.03 呼延 0.03 欧阳 0.06 司马 0.03 诸葛 0.02 长孙 0.02 慕容 0.02"
)
HUI_SURNAMES = _table("马 40 丁 8 白 8 沙 6 哈 5 纳 4 杨 5 李 5 王 4 赛 3 海 3 金 3 穆 3 虎 1")
MANCHU_SURNAMES = _table("关 20 佟 10 那 6 金 8 赵 10 白 6 富 4 傅 6 齐 4 洪 3 王 8 张 8 李 7")

# First and second characters of given names, by the year until which they were given.
GIVEN = {
    MALE: (
        (
            1958,
            "福 贵 成 德 玉 金 保 长 占 万 秉 富 根 来 双 喜 银 进 天 世 文 守 忠 有 存 宝 生 连 明 振",
            "山 元 财 旺 才 生 义 和 云 林 海 祥 堂 小 栓 锁 柱 贵 福 明 亮 魁 祯 寿 厚 田 虎 仁 清 喜",
        ),
        (
            1975,
            "建 国 志 永 爱 新 卫 向 学 文 红 军 春 晋 俊 忠 明 海 玉 瑞 秀 世 振 保 立 跃 全 树 彦 润",
            "国 军 平 明 华 民 强 林 兵 生 忠 文 龙 庆 胜 东 峰 斌 刚 荣 勇 田 义 奎 青 旺 武 良 和 海",
        ),
        (
            1990,
            "志 晓 建 海 俊 文 永 少 小 宏 振 世 鹏 立 伟 新 东 彦 利 晋 国 云 旭 向 继 雪 学 春 泽 庆",
            "强 刚 伟 军 峰 鹏 飞 斌 勇 杰 涛 波 辉 龙 亮 东 宇 超 凯 雷 平 林 江 清 毅 锋 栋 琦 儒 明",
        ),
        (
            9999,
            "子 浩 宇 俊 泽 嘉 文 一 家 思 梓 晨 博 天 明 奕 昊 旭 振 锦 志 瑞 皓 煜 鑫 承 书 云 景 逸",
            "轩 然 宇 豪 杰 辰 航 鹏 涵 博 泽 洋 霖 帆 阳 涛 凯 源 睿 恒 哲 宁 翔 成 琪 伟 麟 铭 森 彬",
        ),
    ),
    FEMALE: (
        (
            1958,
            "秀 桂 玉 兰 淑 月 凤 改 翠 金 爱 巧 银 润 香 俊 仙 春 变 水 果 二 莲 青 存 润 三 福 冬 贵",
            "英 兰 花 珍 梅 莲 娥 枝 仙 香 萍 芳 女 鱼 桃 连 叶 青 云 凤 珠 花 转 变 果 清 平 荣 秀 爱",
        ),
        (
            1975,
            "秀 建 丽 爱 玉 红 春 素 晓 瑞 文 俊 国 桂 艳 淑 雪 美 冬 海 永 改 晋 月 亚 翠 彩 金 巧 润",
            "梅 芳 萍 英 霞 丽 琴 红 华 兰 珍 玲 青 平 香 云 清 莲 芬 艳 娥 凤 仙 荣 花 敏 林 林 燕 婷",
        ),
        (
            1990,
            "晓 丽 海 雪 艳 小 文 慧 亚 红 春 静 志 婷 彩 瑞 燕 佳 俊 莉 美 玉 倩 宏 云 建 素 娟 利 冬",
            "丽 芳 静 娟 霞 燕 玲 敏 婷 莉 红 梅 琴 萍 花 英 洁 娜 琳 慧 艳 清 君 青 芬 云 雯 仙 蓉 楠",
        ),
        (
            9999,
            "子 雨 欣 梓 思 佳 诗 雅 嘉 一 若 可 语 梦 紫 依 晓 怡 婧 锦 安 书 清 芷 晨 悦 乐 艺 静 奕",
            "涵 怡 萱 彤 琪 妍 欣 瑶 然 宁 雯 蕾 颖 洁 菲 婷 珊 晴 媛 舒 悦 琳 玥 佳 茹 君 瑄 楠 溪 桐",
        ),
    ),
}
SINGLE = {
    MALE: "伟 强 军 勇 斌 杰 涛 鹏 磊 超 亮 辉 飞 刚 波 峰 凯 帅 浩 宁 龙 毅 彪 晋 栋 琦 瑞 俊 旭 阳",
    FEMALE: "丽 静 敏 娟 艳 燕 霞 婷 洁 玲 芳 萍 慧 娜 琳 颖 莉 雯 晶 蕾 倩 媛 欣 楠 璐 瑶 蓉 怡 悦 妍",
}
SHARE_OF_SINGLE = (0.06, 0.16, 0.28, 0.14)

RARE_GIVEN = ("㛃", "䶮", "𬭼", "𫖯", "雨㛃", "䶮文", "文𫖯", "子𬭼", "玉㛃", "晋䶮")
SHARE_OF_RARE = 0.004

UYGHUR = {
    MALE: "艾合买提 买买提 玉素甫 吐尔逊 阿卜杜拉 麦麦提江 阿布都热合曼 库尔班江 艾尼瓦尔 阿布都克热木江",
    FEMALE: "阿依努尔 古丽娜尔 热依汗 阿孜古丽 帕提古丽 迪丽努尔 阿依夏姆古丽 米热古丽 祖丽皮亚 阿依提拉",
}
UYGHUR_FATHERS = (
    "买买提 艾合买提 玉素甫 吐尔逊 阿卜杜拉 肉孜 库尔班 阿布都热合曼 麦麦提吐尔逊 麦麦提吐尔逊江".split()
)
TIBETAN = {
    MALE: "扎西顿珠 次仁多吉 丹增旺堆 格桑平措 洛桑尼玛",
    FEMALE: "卓玛央金 次仁拉姆 格桑梅朵 德吉白珍 白玛曲珍",
}
MONGOLIAN = {
    MALE: "巴特尔 朝鲁 那顺巴雅尔 布仁特古斯 苏和 额尔敦 巴雅尔 宝音 孟克 哈斯额尔敦",
    FEMALE: "斯琴高娃 乌兰图雅 其其格 萨仁花 娜仁托娅 高娃 乌云 托娅 萨日娜 塔娜",
}

ETHNIC_GROUPS = _table(
    "汉族 970 回族 14 满族 7 蒙古族 4 土家族 1 苗族 1 彝族 1 壮族 1 朝鲜族 0.5 维吾尔族 0.5 藏族 0.5 侗族 0.3"
)
PARTIES = (
    _table("中共 58 群众 42"),  # on the land and in the works
    _table(
        "中共 60 群众 18 无党派 6 民盟 4 民建 4 民进 3 民革 2 农工党 2 九三学社 2 致公党 0.2"
    ),  # offices and schools
)


def personal_name(rng: random.Random, sex: str, born: int, ethnicity: str = "汉族") -> str:
    """A name as a person of this sex, year of birth and people may bear it."""
    match ethnicity:
        case "维吾尔族":
            given = rng.choice(UYGHUR[sex].split())
            return f"{given}·{rng.choice([father for father in UYGHUR_FATHERS if father != given])}"
        case "藏族":
            return rng.choice(TIBETAN[sex].split())
        case "蒙古族" if rng.random() < 0.6:
            return rng.choice(MONGOLIAN[sex].split())
    surnames = {"回族": HUI_SURNAMES, "满族": MANCHU_SURNAMES}.get(ethnicity, SURNAMES)
    return _pick(rng, surnames) + given_name(rng, sex, born)


def given_name(rng: random.Random, sex: str, born: int) -> str:
    if rng.random() < SHARE_OF_RARE:
        return rng.choice(RARE_GIVEN)
    era = next(number for number, (until, _, _) in enumerate(GIVEN[sex]) if born <= until)
    if rng.random() < SHARE_OF_SINGLE[era]:
        return rng.choice(_words(SINGLE[sex]))
    _, firsts, seconds = GIVEN[sex][era]
    first = rng.choice(_words(firsts))
    second = rng.choice([character for character in _words(seconds) if character != first])
    return first + second


def ethnic_group(rng: random.Random) -> str:
    return _pick(rng, ETHNIC_GROUPS)


# --- Telephones -------------------------------------------------------------------------------------------------------


def phone(rng: random.Random) -> str:
    """A mobile number of the form that everybody expects, in a block (154 0) that is given to nobody."""
    return f"1540{rng.randrange(10**7):07d}"


def office_phone(rng: random.Random, trunk: str = "0352") -> str:
    """A landline number that cannot exist: no local number begins with 0."""
    return f"{trunk}-000{rng.randrange(10**4):04d}"


# --- Places -----------------------------------------------------------------------------------------------------------

VILLAGE_SIDES = "东 西 南 北 上 下 前 后 大 小 中 新".split()
VILLAGE_MARKS = "柳 榆 槐 枣 杏 桃 梨 石 沙 土 红 白 黑 青 龙 马 羊 牛 泉 井 堡 寺 庙 桥 窑 磨 店 官".split()
VILLAGE_GROUNDS = "沟 坡 湾 河 庄 营 寨 峪 坪 洼 岭 滩 疃 堰 梁 圪塔".split()

ESTATE_NAMES = (
    "阳光 幸福 和谐 锦绣 安居 惠民 翠湖 龙泉 凤鸣 鸿景 书香 春晓 兴盛 福临 丰泽 瑞祥 康宁 雅馨 东苑 西苑 北辰 南湖 "
    "同心 平安 民乐 嘉和 御园 文瀛 云水 桃园 梧桐 紫荆 丁香 百合 银杏 金秋 明珠 星河 晨光 富民"
).split()
ESTATE_KINDS = _table("小区 30 花园 16 家园 14 嘉苑 12 新村 8 佳园 8 雅居 5 名邸 4 公寓 3")
WORKS = (
    "机械厂 棉纺厂 化肥厂 水泥厂 农机厂 运输公司 粮食局 供销社 建筑公司 矿山机修厂 印刷厂 百货公司".split()
)

ROADS = (
    "建设路 文化街 育才路 新建街 迎宾路 振兴街 永安街 和平路 新华街 工农路 友谊街 解放路 光明街 西环路 东环路 南环路 "
    "北环路 府前街 站前路 体育路 公园路 学府街 平安路 富民街 兴业路 滨河路 青年路 胜利街 朝阳街 团结路 凤台街 龙山路"
).split()
COMMUNITY_NAMES = (
    "文化里 建设里 振华 新华 永安 光明 朝阳 迎泉 育才 和平里 站前 南关 北关 东关 西关 河滨 工农 友谊 桥东 桥西 "
    "新开里 康乐 民主里 胜利 府东 府西 凤凰 龙新 泰和 向阳 春光 锦华"
).split()


def village(rng: random.Random) -> str:
    """东柳沟村, 郭家坪村, 上寨村."""
    ground = rng.choice(VILLAGE_GROUNDS)
    form = rng.random()
    if form < 0.4:
        return f"{_pick(rng, SURNAMES)}家{ground}村"
    if form < 0.85:
        return f"{rng.choice(VILLAGE_SIDES)}{rng.choice(VILLAGE_MARKS)}{ground}村"
    return f"{rng.choice(VILLAGE_SIDES)}{ground}村"


def community(rng: random.Random) -> str:
    return f"{rng.choice(COMMUNITY_NAMES)}社区"


def estate(rng: random.Random) -> str:
    """翠湖花园, 机械厂家属院."""
    if rng.random() < 0.12:
        return f"{rng.choice(WORKS)}{rng.choice(('家属院', '宿舍'))}"
    return rng.choice(ESTATE_NAMES) + _pick(rng, ESTATE_KINDS)


def road(rng: random.Random) -> str:
    return rng.choice(ROADS)


def address(rng: random.Random, *, rural: bool = False) -> str:
    """Where somebody lives, within a township: 翠湖花园3号楼2单元401, or 东柳沟村12号."""
    if rural:
        return f"{village(rng)}{rng.randint(1, 260)}号"
    floor = rng.randint(1, 6)
    return f"{estate(rng)}{rng.randint(1, 18)}号楼{rng.randint(1, 4)}单元{floor}0{rng.randint(1, 3)}"


# --- Work -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    occupation: str
    employer: str
    duty: str


@dataclass(frozen=True)
class _Trade:
    """A kind of work: which levels of deputies it sends, how one was schooled, and who employs as what."""

    occupation: str
    shares: tuple[float, float, float]  # weight among deputies of 全国省市, of 县, of 乡
    schooling: str  # key of SCHOOLING
    posts: Sequence[tuple[str, str]]  # employers, their duties


FIRM_NAMES = (
    "晋禾 金穗 鑫泰 宏远 瑞丰 众诚 恒达 天和 德顺 永兴 绿野 惠农 塞禾 同创 启明 安顺 福晟 万禾 晋丰 嘉泰 润民 和兴"
).split()
LEVELS = ("全国", "省", "市", "县", "乡")

# fmt: off
TRADES = (
    _Trade("农民", (6, 14, 38), "land", (
        ("{village}", "村民 种植大户 养殖大户 村民小组长 护林员 村民代表"),
    )),
    _Trade("村干部", (7, 16, 20), "land", (
        ("{village}党支部", "书记 副书记 组织委员 纪检委员"),
        ("{village}村民委员会", "主任 副主任 委员 妇联主席 会计 调解主任"),
    )),
    _Trade("社区工作者", (4, 8, 8), "office", (
        ("{community}党委", "书记 副书记 党务工作者"),
        ("{community}居民委员会", "主任 副主任 委员 网格员 专职社工"),
    )),
    _Trade("农民专业合作社负责人", (5, 7, 8), "land", (
        ("{firm}种植专业合作社 {firm}养殖专业合作社 {firm}农机服务专业合作社 {firm}食用菌专业合作社", "理事长 副理事长 监事长"),
        ("{firm}黄花专业合作社 {firm}杂粮专业合作社 {firm}中药材专业合作社", "理事长 副理事长 技术员"),
    )),
    _Trade("教师", (8, 8, 4), "learned", (
        ("第{nth}中学 第{nth}小学 实验小学 {village}寄宿制小学", "教师 班主任 年级组长 教研组长 副校长 校长 高级教师"),
        ("中心幼儿园 第{nth}幼儿园", "教师 园长 保教主任"),
        ("职业技术学校", "教师 实训处主任 副校长"),
    )),
    _Trade("医务人员", (7, 6, 4), "learned", (
        ("人民医院 中医医院 妇幼保健院", "主治医师 护士长 科主任 副主任医师 主管护师 院长"),
        ("乡镇卫生院 社区卫生服务中心", "医师 护士长 院长 公共卫生科科长"),
        ("{village}卫生室", "乡村医生"),
    )),
    _Trade("工人", (10, 6, 3), "works", (
        ("{firm}煤业有限公司", "综采队班组长 机电工 安检员 技术员 通风队队长"),
        ("{firm}机械制造有限公司 {firm}建材有限公司 {firm}陶瓷有限公司", "钳工 焊工 质检员 车间班长 技术员"),
        ("{firm}热力有限公司 {firm}供水有限公司", "抢修班班长 运行工 电工 调度员"),
    )),
    _Trade("企业管理人员", (12, 8, 2), "office", (
        ("{firm}煤业有限公司 {firm}装备制造有限公司 {firm}新能源有限公司", "董事长 总经理 副总经理 工会主席 总工程师"),
        ("{firm}药业有限公司 {firm}食品有限公司 {firm}文化旅游有限公司", "董事长 总经理 副总经理 财务总监"),
    )),
    _Trade("个体工商户", (3, 6, 6), "works", (
        ("{firm}百货商行 {firm}家电经销部 {firm}饭庄 {firm}汽车修理部 {firm}刀削面馆 {firm}农资门市部", "经营者 负责人"),
    )),
    _Trade("机关工作人员", (18, 10, 3), "office", (
        ("农业农村局 住房和城乡建设局 教育局 财政局 水务局 民政局", "局长 副局长 办公室主任 四级调研员"),
        ("乡镇人民政府", "乡镇长 副乡镇长 党建办主任 综合执法队队长"),
        ("街道办事处", "主任 副主任 社会事务办主任"),
        ("乡镇人大主席团", "主席 副主席"),
    )),
    _Trade("专业技术人员", (9, 4, 1), "learned", (
        ("农业技术推广中心", "农艺师 高级农艺师 站长"),
        ("林业工作站 水利工作站 规划设计院", "工程师 高级工程师 助理工程师"),
        ("疾病预防控制中心", "主管医师 检验科科长"),
    )),
    _Trade("法律工作者", (3, 2, 0.5), "learned", (
        ("{firm}律师事务所", "律师 主任 合伙人"),
        ("法律援助中心 基层法律服务所", "主任 法律服务工作者"),
    )),
    _Trade("文化艺术工作者", (3, 1.5, 0.5), "office", (
        ("文化馆 图书馆 融媒体中心", "馆员 编导 副馆长 活动部主任"),
        ("晋剧团 道情剧团", "演员 团长 琴师"),
        ("非遗传习所", "剪纸传承人 铜器制作传承人 面塑传承人"),
    )),
    _Trade("新就业形态劳动者", (2, 1.5, 1), "works", (
        ("{firm}快递服务部 {firm}外卖配送站", "快递员 外卖配送员 站长"),
        ("{firm}网约车服务公司", "网约车司机 车队长"),
        ("{firm}电商服务中心", "主播 运营主管"),
    )),
)
SHARES = [list(accumulate(trade.shares[column] for trade in TRADES)) for column in range(3)]
SCHOOLING = {
    # born before 1970, before 1985, later
    "land": (_table("小学 12 初中 50 高中 28 大专 9 本科 1"), _table("初中 34 高中 32 大专 26 本科 8"),
             _table("初中 8 高中 24 大专 38 本科 30")),
    "works": (_table("初中 34 高中 36 中专 18 大专 12"), _table("初中 12 高中 28 中专 22 大专 28 本科 10"),
              _table("高中 14 中专 14 大专 40 本科 32")),
    "office": (_table("高中 16 大专 40 本科 38 研究生 6"), _table("大专 24 本科 62 研究生 14"),
               _table("大专 10 本科 66 研究生 24")),
    "learned": (_table("中专 16 大专 40 本科 38 研究生 6"), _table("大专 18 本科 62 研究生 20"),
                _table("大专 5 本科 60 研究生 35")),
}
# fmt: on


def _trade(rng: random.Random, level: str) -> _Trade:
    column = {"县": 1, "乡": 2}.get(level, 0)
    return rng.choices(TRADES, cum_weights=SHARES[column])[0]


def _work(rng: random.Random, trade: _Trade) -> Work:
    employers, duties = rng.choice(trade.posts)
    employer = rng.choice(employers.split()).format(
        village=village(rng),
        community=community(rng),
        firm=rng.choice(FIRM_NAMES),
        nth=rng.choice("一二三四五六七"),
    )
    return Work(trade.occupation, employer, rng.choice(duties.split()))


def _party(rng: random.Random, trade: _Trade, work: Work) -> str:
    if work.employer.endswith(("党支部", "党委")):
        return "中共"
    return _pick(rng, PARTIES[trade.schooling in ("office", "learned")])


def _education(rng: random.Random, trade: _Trade, born: int) -> str:
    generation = 0 if born < 1970 else 1 if born < 1985 else 2
    return _pick(rng, SCHOOLING[trade.schooling][generation])


# --- Whole persons ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deputy:
    name: str
    sex: str
    ethnicity: str
    born_on: date
    party: str
    education: str
    occupation: str
    employer: str
    duty: str
    phone: str


@dataclass(frozen=True)
class Citizen:
    name: str
    sex: str
    born_on: date
    phone: str
    address: str


def deputy(rng: random.Random, *, level: str, on: date) -> Deputy:
    """Somebody who may be a deputy of this level (全国 省 市 县 乡) on this day."""
    sex = FEMALE if rng.random() < 0.32 else MALE
    born_on = _born_on(rng, on, youngest=23, likeliest=48, oldest=66)
    ethnicity = ethnic_group(rng)
    trade = _trade(rng, level)
    work = _work(rng, trade)
    return Deputy(
        name=personal_name(rng, sex, born_on.year, ethnicity),
        sex=sex,
        ethnicity=ethnicity,
        born_on=born_on,
        party=_party(rng, trade, work),
        education=_education(rng, trade, born_on.year),
        occupation=work.occupation,
        employer=work.employer,
        duty=work.duty,
        phone=phone(rng),
    )


def citizen(rng: random.Random, *, on: date, rural: bool = False) -> Citizen:
    """Somebody who may come to a station on this day; the old come oftener than the young."""
    sex = FEMALE if rng.random() < 0.47 else MALE
    born_on = _born_on(rng, on, youngest=19, likeliest=60, oldest=88)
    return Citizen(
        name=personal_name(rng, sex, born_on.year, ethnic_group(rng)),
        sex=sex,
        born_on=born_on,
        phone=phone(rng),
        address=address(rng, rural=rural),
    )


def _born_on(rng: random.Random, on: date, *, youngest: int, likeliest: int, oldest: int) -> date:
    return on - timedelta(days=round(rng.triangular(youngest + 1, oldest, likeliest) * 365.25))
