"""The words of the county: all of them invented, so that no name points at anybody who exists."""

COUNTY = "青禾县"
CODE = "990121"
TOWNS = {
    "990121001": "禾城镇",
    "990121002": "柳湾镇",
    "990121003": "石桥头镇",
    "990121004": "云栖岭镇",
    "990121005": "白鹭滩镇",
    "990121006": "枫林渡镇",
    "990121007": "麦香镇",
    "990121008": "龙泉沟镇",
    "990121009": "杏花塬乡",
    "990121010": "松涛乡",
    "990121011": "碧水乡",
    "990121012": "望北乡",
}
# The county town holds most enterprises.
TOWN_WEIGHTS = dict(zip(TOWNS, (38, 10, 9, 6, 6, 6, 6, 5, 4, 4, 3, 3), strict=True))
STREETS = (
    "禾安路",
    "麦浪街",
    "青穗大道",
    "柳堤路",
    "石桥街",
    "云栖路",
    "白鹭街",
    "枫渡路",
    "碧水大道",
    "望北街",
    "松涛路",
    "杏园街",
)
PARKS = ("青禾众创园", "麦香电商产业园", "石桥头工业园", "云栖岭物流园", "禾城商务楼", "柳湾集群注册托管处")

BRAND_FIRST = "禾麦青穗柳云枫栖岭鹭松杏碧龙石望晨晓旭霖沐汀岚溪麓檀莳珩澄霁棠苒芃稷黍"
BRAND_SECOND = "瑞丰盛嘉恒信诚达兴旺源泰安宁和顺利通远航宏博雅韵香悦美佳优鼎元启新创联众合益润泽"
BRAND_THIRD = ("", "", "", "禾", "源", "安", "昌", "隆", "谷", "田", "川", "野", "坊", "达")

# Characters that are hardly ever family names, so that a person of the county is nobody's namesake.
SURNAMES = "禾穗岚汀霁麓檀莳珩棠苒芃稷黍澍湉沚涘筱萸蓁蒴蘅衿"
GIVEN = (
    "甲",
    "乙",
    "丙",
    "丁",
    "戊",
    "己",
    "庚",
    "辛",
    "壬",
    "癸",
    "子",
    "丑",
    "寅",
    "卯",
    "辰",
    "巳",
    "午",
    "未",
    "申",
    "酉",
    "戌",
    "亥",
)

LEGAL_FORMS = {
    "limited_company": ("有限公司", "有限责任公司"),
    "joint_stock_company": ("股份有限公司",),
    "collective": ("厂", "供销社"),
    "sole_proprietorship": ("经营部", "商行", "加工厂"),
    "partnership": ("合伙企业（有限合伙）", "合伙企业（普通合伙）"),
    "foreign_invested": ("有限公司",),
    "farmer_cooperative": ("专业合作社", "农民专业合作社"),
    "branch": ("有限公司分公司",),
    "individual_business": ("店", "铺", "门市部"),
}
FORM_WEIGHTS = {
    "limited_company": 690,
    "sole_proprietorship": 60,
    "farmer_cooperative": 60,
    "partnership": 25,
    "joint_stock_company": 8,
    "collective": 8,
    "foreign_invested": 9,
    "branch": 40,
    "individual_business": 100,
}
BANKS = ("青禾农村商业银行", "示例银行青禾支行", "禾城村镇银行", "示例商业银行青禾支行")

MARKET = "青禾县市场监督管理局"
TAX = "国家税务总局青禾县税务局"
COURT = "青禾县人民法院"
CITY_COURT = "示例市中级人民法院"
