"""What the enterprises of the county do: an industry of GB/T 4754-2017, words, and what comes with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """A line of business; `marks` says which records it gives rise to."""

    industry: str
    words: tuple[str, ...]  # for the name
    scope: str
    share: int  # how common it is
    marks: frozenset[str] = frozenset()


def _trade(industry: str, words: str, scope: str, share: int, marks: str = "") -> Trade:
    return Trade(industry, tuple(words.split()), scope, share, frozenset(marks.split()))


# Marks: farm, food, factory, dirty (needs a pollution permit), export, build, retail, road, tech, danger.
TRADES = (
    _trade("A0111", "种植 农业 粮油种植", "谷物种植；农产品销售；农业专业及辅助性活动", 40, "farm"),
    _trade("A0141", "蔬菜种植 果蔬", "蔬菜种植；蔬菜、水果销售", 45, "farm"),
    _trade("A0151", "果业 林果", "水果种植；初级农产品收购", 25, "farm export"),
    _trade("A0311", "养殖 牧业", "牲畜饲养；饲料销售", 35, "farm dirty"),
    _trade("A0321", "禽业 家禽养殖", "家禽饲养；鲜蛋零售", 25, "farm"),
    _trade("A0514", "农产品加工", "初级农产品加工、储藏、销售", 25, "farm food"),
    _trade("C1311", "米业 粮食加工", "粮食加工食品生产；粮食收购", 18, "food factory"),
    _trade("C1331", "油脂 粮油", "食用植物油生产、销售", 14, "food factory"),
    _trade("C1353", "肉食品 肉制品", "肉制品及副产品加工；食品销售", 14, "food factory dirty"),
    _trade("C1371", "蔬菜加工 净菜", "蔬菜加工；速冻食品生产", 14, "food factory export"),
    _trade("C1411", "食品 糕点", "糕点、面包生产、销售", 30, "food factory"),
    _trade("C1432", "速冻食品", "速冻食品生产；食品添加剂销售", 12, "food factory"),
    _trade("C1512", "酒业 酿酒", "酒制品生产、销售", 10, "food factory dirty"),
    _trade("C1711", "纺织 棉纺", "棉纺纱加工；纺织品销售", 22, "factory export dirty"),
    _trade("C1811", "服装 制衣", "服装制造、销售；货物进出口", 35, "factory export"),
    _trade("C2011", "木业", "锯材加工；木材收购、销售", 20, "factory danger"),
    _trade("C2110", "家具", "木质家具制造、销售", 22, "factory export"),
    _trade("C2231", "包装 纸业", "纸和纸板容器制造；包装服务", 18, "factory"),
    _trade("C2614", "化工", "有机化学原料制造（不含许可类化工产品）", 8, "factory dirty danger export"),
    _trade("C2730", "中药饮片 药业", "中药饮片生产、销售", 8, "factory tech"),
    _trade("C2926", "塑业 塑料制品", "塑料制品制造、销售", 25, "factory"),
    _trade("C3021", "建材 水泥制品", "水泥制品制造、销售", 25, "factory dirty danger"),
    _trade("C3311", "钢结构 金属结构", "金属结构制造；安装服务", 25, "factory danger"),
    _trade("C3484", "机械 精密机械", "机械零件、零部件加工、销售", 40, "factory export tech"),
    _trade("C3525", "模具", "模具制造、销售", 18, "factory tech export"),
    _trade("C3670", "汽车配件", "汽车零部件及配件制造", 15, "factory export tech"),
    _trade("C3831", "电缆 线缆", "电线、电缆制造", 10, "factory tech"),
    _trade("C4011", "自动化 智能装备", "工业自动控制系统装置制造；技术服务", 14, "factory tech"),
    _trade("D4620", "环保 水务", "污水处理及其再生利用", 8, "dirty"),
    _trade("E4790", "建筑 建筑工程", "房屋建筑工程施工；建筑材料销售", 70, "build danger"),
    _trade("E4813", "市政工程", "市政道路工程施工", 35, "build danger"),
    _trade("E4910", "电气安装 机电安装", "电气安装服务；施工专业作业", 40, "build danger"),
    _trade("E5011", "装饰 装饰工程", "住宅室内装饰装修；建筑装饰材料销售", 60, "build"),
    _trade("F5121", "粮油贸易 粮油商贸", "粮油批发；食用农产品批发", 50, "retail food"),
    _trade("F5123", "果蔬商贸 果品", "果品、蔬菜批发", 50, "retail food"),
    _trade("F5151", "医药", "药品批发；第二类医疗器械销售", 15, "retail"),
    _trade("F5164", "金属材料 物资贸易", "金属材料批发", 50, "retail"),
    _trade("F5171", "农机 农业机械", "农业机械销售、维修", 25, "retail"),
    _trade("F5211", "百货 商贸", "日用百货零售；食品销售", 150, "retail food"),
    _trade("F5212", "超市 连锁超市", "食品销售；日用品零售", 60, "retail food"),
    _trade("F5232", "服饰 鞋服", "服装服饰零售", 60, "retail"),
    _trade("F5261", "汽车销售 汽贸", "汽车新车销售；汽车零配件零售", 30, "retail"),
    _trade("F5273", "电脑 数码科技", "计算机软硬件及辅助设备零售", 50, "retail tech"),
    _trade("F5281", "五金 五金机电", "五金产品零售", 70, "retail"),
    _trade("F5292", "电子商务 网络科技", "互联网销售；电子商务技术服务", 90, "retail"),
    _trade("G5431", "运输 物流", "道路货物运输；装卸搬运", 85, "road danger"),
    _trade("G5990", "仓储", "普通货物仓储服务", 20, "road"),
    _trade("H6110", "酒店 宾馆", "住宿服务；餐饮服务", 40, "food"),
    _trade("H6210", "餐饮 餐饮管理", "餐饮服务；餐饮管理", 110, "food"),
    _trade("H6220", "快餐 小吃", "餐饮服务（不含现制现售）", 50, "food"),
    _trade("I6513", "软件 信息技术", "软件开发；信息系统集成服务", 60, "tech"),
    _trade("K7010", "置业 房地产开发", "房地产开发经营", 20, "build"),
    _trade("K7020", "物业 物业管理", "物业管理；停车场服务", 40),
    _trade("L7119", "设备租赁 机械租赁", "建筑工程机械与设备租赁", 40),
    _trade("L7241", "财税咨询 会计服务", "代理记账；税务服务", 30),
    _trade("L7259", "广告 文化传媒", "广告设计、制作、发布", 70),
    _trade("M7452", "检测 检验检测", "检验检测服务", 10, "tech"),
    _trade("M7481", "工程咨询 工程管理", "工程管理服务；工程造价咨询", 35, "build"),
    _trade("N7820", "环卫 保洁", "城市生活垃圾经营性服务", 25, "dirty"),
    _trade("O8010", "家政 家政服务", "家政服务；居家养老服务", 40),
    _trade("O8111", "汽车维修 汽修", "机动车修理和维护", 50, "dirty"),
    _trade("P8391", "教育 职业培训", "职业技能培训", 25),
    _trade("R9011", "文化娱乐 娱乐", "歌舞娱乐活动", 18),
    _trade("R9030", "休闲农庄 文旅", "休闲观光活动；农业园艺服务", 30, "farm food"),
)
