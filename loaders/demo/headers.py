"""Name every file of the demo folder, its columns in order and the words its codes are written in.

Headers are those of real systems of this field; each maps to the column of the data model it fills.
A header mapped to None carries personal data or office remarks: the intake drops or names it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Header = dict[str, str | None]


@dataclass(frozen=True)
class Sheet:
    """One kind of file.

    `layout` is the intake's layout key and the table's name, `path` the path inside the folder ({month} is
    YYYY-MM), `columns` header → model column (None: dropped on intake), `title` the merged first row of an
    xlsx (or ""), `crs` and `code_system` as declared, `layer` the layer of a GeoPackage.
    """

    layout: str
    path: str
    columns: Header
    title: str = ""
    crs: str | None = None
    code_system: str | None = None
    layer: str | None = None
    encodings: tuple[str, ...] = field(default=("utf-8-sig",))

    @property
    def headers(self) -> list[str]:
        """Give the header row."""
        return list(self.columns)


REGION = Sheet(
    "region",
    "区划.geojson",
    {
        "区划代码": "region_id",
        "名称": "name",
        "英文名称": "name_en",
        "级别": "level",
        "类型": "kind",
        "上级区划代码": "parent_id",
        "边界依据": "geom_basis",
        "常住人口": "resident_pop",
        "生效日期": "valid_from",
    },
    crs="wgs84",
    code_system="nbs",
)
BUILDING = Sheet(
    "building",
    "楼宇.gpkg",
    {
        "楼宇编号": "building_id",
        "楼宇名称": "name",
        "标准地址": "address_std",
        "区划代码": "community_id",
        "类型": "kind",
        "楼层数": "floors",
        "等级": "grade",
    },
    crs="wgs84",
    code_system="nbs",
    layer="楼宇",
)
ORGANISATION = Sheet(
    "organisation",
    "党组织信息.xlsx",
    {
        "序号": None,
        "党组织编码": "org_id",
        "党组织全称": "name",
        "党组织简称": "short_name",
        "组织类别": "kind",
        "党组织所在单位情况": "unit_relation",
        "单位性质类别": "domain",
        "上一级党组织唯一标识": "parent_org_id",
        "党组织所在行政区划": "region_id",
        "所在楼宇编号": "building_id",
        "所在楼层": "floor",
        "经度": "lon",
        "纬度": "lat",
        "成立日期": "founded_on",
        "撤销日期": "abolished_on",
        "状态": "status",
        "覆盖单位数": "unit_count",
        "党小组数": "group_count",
        "任期": "term_years",
        "换届时间": "last_election_on",
        "届满时间": "term_end_on",
        "延期至": "extension_to",
        "正式党员数": "full_members",
        "党组织党员人数": "members",
        "法人单位统一社会信用代码": "unified_credit_code",
        "是否网络支部": "is_network_branch",
        "党组织书记": None,
        "党组织联系人": None,
        "联系电话": None,
    },
    title="江宁区党组织信息汇总表",
    crs="wgs84",
    code_system="nbs",
)
MEMBER = Sheet(
    "member",
    "党员花名册.xlsx",
    {
        "序号": None,
        "党员编码": "member_pid",
        "姓名": None,
        "性别": "sex",
        "公民身份号码": None,
        "出生日期": "birth_year",
        "学历": "education",
        "人员类别": "status",
        "所在党支部编码": "branch_id",
        "入党日期": "joined_month",
        "转正日期": "full_month",
        "工作岗位": "occupation",
        "手机号码": None,
        "家庭住址": None,
        "是否失联党员": "contact_state",
        "失去联系日期": "lost_since",
        "最近联系日期": "last_contact_on",
        "找回日期": "found_on",
        "失联原因": "lost_reason",
        "是否流动党员": "floating",
        "外出流向": "flow_city",
        "参加活动情况": "availability",
        "免予参加活动": "exempt_activity",
        "免予学习考核": "exempt_study",
        "在职党员": "in_service",
        "已到社区报到": "community_reported",
        "预备期满日": "probation_end",
    },
    title="江宁区党员花名册",
)
POST = Sheet(
    "post",
    "任职.csv",
    {
        "任职编号": "post_id",
        "党组织编码": "org_id",
        "党员编码": "member_pid",
        "党内职务": "role",
        "任职日期": "from_on",
        "离任日期": "to_on",
        "是否兼任": "is_concurrent",
    },
)
ACTIVITY = Sheet(
    "activity",
    "活动台账/活动台账_{month}.csv",
    {
        "活动编号": "activity_id",
        "党组织编码": "org_id",
        "会议类型": "institution",
        "活动主题": "title",
        "是否公开": "public",
        "起始时间": "start_at",
        "结束时间": "end_at",
        "活动地点": "place_kind",
        "阵地编号": "position_id",
        "经度": "lon",
        "纬度": "lat",
        "应到人数": "due_count",
        "实到人数": "attended_count",
        "请假人数": "leave_count",
        "缺席人数": "absent_count",
        "所属年度": "for_year",
        "党小组序号": "group_no",
        "授课人职务": "lecturer_role",
        "状态": "status",
        "数据来源": "source",
    },
    crs="wgs84",
    encodings=("utf-8-sig", "gb18030"),
)
ATTENDANCE = Sheet(
    "attendance",
    "签到记录/签到记录_{month}.csv",
    {
        "活动编号": "activity_id",
        "党员编码": "member_pid",
        "签到时间": "at",
        "签到方式": "channel",
        "读卡器编号": "reader_id",
        "签到状态": "state",
    },
    encodings=("gb18030", "utf-8-sig"),
)
DUES_MONTH = Sheet(
    "dues_month",
    "党费/党费收缴_{month}.csv",
    {
        "党组织编码": "branch_id",
        "月份": "month",
        "应缴人数": "liable_count",
        "实缴人数": "paid_count",
        "免缴人数": "exempt_count",
    },
    encodings=("gb18030",),
)
DUES_STATUS = Sheet(
    "dues_status",
    "党费/党费状态.csv",
    {
        "党员编码": "member_pid",
        "党费缴纳至年月": "paid_through_month",
        "缴纳周期": "cycle",
        "免缴起始年月": "exempt_from",
        "免缴截止年月": "exempt_to",
        "起缴年月": "liable_from",
    },
)
STUDY = Sheet(
    "study_record",
    "学习记实/学习记实_{month}.csv",
    {
        "记录编号": "record_id",
        "党员编码": "member_pid",
        "党组织编码": "branch_id",
        "学习日期": "on_date",
        "学时": "hours",
        "学习类型": "kind",
        "课程编号": "course_id",
    },
)
TRANSFER = Sheet(
    "transfer",
    "组织关系转接.xlsx",
    {
        "转接编号": "transfer_id",
        "党员编码": "member_pid",
        "姓名": None,
        "转接类型": "scope",
        "转出党组织编码": "from_org_id",
        "转出地": "from_external",
        "转入党组织编码": "to_org_id",
        "转入地": "to_external",
        "转接原因": "reason",
        "转接方式": "route",
        "介绍信编号": "letter_no",
        "介绍信开具日期": "letter_issued_on",
        "介绍信有效期天数": "letter_valid_days",
        "党费缴纳至年月": "dues_paid_to",
        "状态": "status",
        "申请日期": "applied_on",
        "进入当前环节时间": "step_entered_at",
        "办结时间": "decided_at",
        "办结党组织编码": "decided_by_org",
    },
    title="江宁区组织关系转接台账",
)
TRANSFER_RECEIVED = Sheet(
    "transfer",
    "组织关系转接_接收方.csv",
    {
        "转接编码": "transfer_id",
        "党员编码": "member_pid",
        "姓名": None,
        "类别": "scope",
        "转出党组织": "from_org_id",
        "转入基层党组织": "to_org_id",
        "转接状态": "status",
        "申请时间": "applied_on",
        "办理时间": "decided_at",
    },
)
"""What receiving offices write down of transfers that stand in the sending offices' sheet as well."""
APPRAISAL = Sheet(
    "appraisal_year",
    "民主评议.csv",
    {
        "党组织编码": "org_id",
        "年度": "year",
        "应评人数": "eligible",
        "参评人数": "participated",
        "优秀": "excellent",
        "合格": "qualified",
        "基本合格": "basic",
        "不合格": "unqualified",
    },
)
STARS = Sheet(
    "star_rating",
    "星级.csv",
    {"党组织编码": "org_id", "年度": "year", "星级": "stars", "得分": "score", "上年星级": "prev_stars"},
)
WEAK = Sheet(
    "weak_org",
    "软弱后进.csv",
    {
        "党组织编码": "org_id",
        "列入日期": "listed_on",
        "类型": "kind",
        "列入依据": "criteria",
        "联系单位": "lead_by",
        "整顿阶段": "stage",
        "摘帽日期": "delisted_on",
    },
    encodings=("gb18030",),
)
POSITION = Sheet(
    "position",
    "阵地.geojson",
    {
        "阵地编号": "position_id",
        "名称": "name",
        "类型": "kind",
        "党组织编码": "org_id",
        "区划代码": "region_id",
        "启用日期": "opened_on",
        "容纳人数": "capacity",
        "是否亮点": "featured",
    },
    crs="gcj02",
    code_system="nbs",
)
POSITION_USE = Sheet(
    "position_use",
    "阵地使用.csv",
    {"阵地编号": "position_id", "日期": "on_date", "活动场次": "events", "到访人次": "visits"},
)
UNIT = Sheet(
    "unit",
    "入驻单位.csv",
    {
        "单位编号": "unit_id",
        "单位名称": "name",
        "楼宇编号": "building_id",
        "楼层": "floor",
        "区划代码": "region_id",
        "组织覆盖方式": "coverage",
        "党员人数": "member_count",
        "党组织编码": "org_id",
    },
    code_system="nbs",
)
SERVICE = Sheet(
    "service_request",
    "服务需求.csv",
    {
        "需求编号": "request_id",
        "区划代码": "community_id",
        "需求类别": "category",
        "提出时间": "raised_at",
        "认领时间": "taken_at",
        "完成时间": "done_at",
        "状态": "status",
        "志愿者人数": "volunteers",
        "服务时长": "hours",
    },
    code_system="nbs",
)
WORKDAY = Sheet("workday", "工作日历.csv", {"日期": "day", "是否工作日": "is_workday", "说明": None})

ORG_PAUSE = Sheet(
    "org_pause",
    "监测/停活动.csv",
    {
        "党组织编码": "org_id",
        "暂停起始日期": "from_on",
        "暂停截止日期": "to_on",
        "暂停原因": "reason",
        "批准单位": "approver",
    },
)
ELECTION = Sheet(
    "election",
    "监测/换届选举.csv",
    {
        "党组织编码": "org_id",
        "换届日期": "held_on",
        "换届类型": "kind",
        "批准延期至": "approved_extension_to",
    },
)
DISPOSAL = Sheet(
    "disposal",
    "监测/失联处置.csv",
    {"党员编码": "member_pid", "处置日期": "on_date", "处置方式": "kind"},
)
TRANSFER_EVENT = Sheet(
    "transfer_event",
    "监测/转接环节.csv",
    {
        "转接编号": "transfer_id",
        "环节序号": "seq",
        "原状态": "from_status",
        "新状态": "to_status",
        "进入时间": "at",
        "经办党组织编码": "org_id",
    },
)
READER = Sheet(
    "reader",
    "监测/读卡器.csv",
    {"读卡器编号": "reader_id", "党组织编码": "org_id", "最近联机时间": "last_seen_at"},
)
READER_OUTAGE = Sheet(
    "reader_outage",
    "监测/读卡器断联.csv",
    {"读卡器编号": "reader_id", "断联起始日期": "from_on", "恢复日期": "to_on"},
)
HEART_TALK = Sheet(
    "heart_talk_year",
    "监测/谈心谈话.csv",
    {"党组织编码": "org_id", "年度": "year", "应谈对数": "due_count", "已谈对数": "held_count"},
)
POINTS = Sheet(
    "points_branch",
    "监测/积分分布.csv",
    {"党组织编码": "branch_id", "年度": "year", "积分段": "band", "人数": "n"},
)
VOLUNTEERS = Sheet(
    "volunteer_year",
    "监测/志愿服务.csv",
    {"党组织编码": "branch_id", "年度": "year", "参加志愿服务人数": "volunteers"},
)

SHEETS: tuple[Sheet, ...] = (
    REGION,
    BUILDING,
    ORGANISATION,
    MEMBER,
    POST,
    ACTIVITY,
    ATTENDANCE,
    DUES_MONTH,
    DUES_STATUS,
    STUDY,
    TRANSFER,
    APPRAISAL,
    STARS,
    WEAK,
    POSITION,
    POSITION_USE,
    UNIT,
    SERVICE,
    WORKDAY,
    ORG_PAUSE,
    ELECTION,
    DISPOSAL,
    TRANSFER_EVENT,
    READER,
    READER_OUTAGE,
    HEART_TALK,
    POINTS,
    VOLUNTEERS,
)


DECLARATION = "ejia-source.toml"
"""Name of the file that declares the folder: one [[file]] table per file with path, layout and, where it
applies, encoding, crs, code_system, header_row (1-based row of the headers), layer; at the top data_label,
as_of and name."""
