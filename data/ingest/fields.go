package ingest

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"riskatlas/data"
)

// field is a position in sourceFields.
type field uint8

// The fields that decide where and what a source is; the others only fill the
// detail.
const (
	fieldID field = iota
	fieldName
	fieldNameEn
	fieldLon
	fieldLat
	fieldGeometry
	fieldIndustry
	fieldLevel
	fieldDistrict
	fieldVintage
	fieldStatus
	fieldSensitivity
	fieldRegulator
	fieldScenarios
	fieldStreet
	fieldMeasures
	fieldAccidents
	fieldSubstances
	fieldLevelInputs
	fieldEffectRadius
	fieldIndicators
	fieldAccuracy
	fieldGrade
	fieldSynthetic
	fieldSourceCoords
	fieldVessels
	fieldFlood
	fieldDerivations
	fieldNetExplosive
	fieldSubstance
	fieldCAS
	fieldMaxT
	fieldVesselKind
	fieldVesselVolume
	fieldVesselCount
	fieldBund
	fieldDustMass
	fieldDustType
	firstDetail // from here on sourceFields has setters
)

// fieldInfo is one field of the interchange: its name and the other names under
// which files carry it, the surest first. text, count, date, list and input say
// where its value goes in the detail.
type fieldInfo struct {
	name     string
	words    []string
	personal bool // its values stay out of reports
	most     int  // of text: the most characters; 0 takes 1000
	oneOf    map[string]string
	text     func(*data.Detail) *string
	date     func(*data.Detail) *string
	count    func(*data.Detail) **int
	list     func(*data.Detail) *[]string
	input    string // its name in the level's inputs
}

// sourceFields are the fields of a source, by field. Names are those of the
// interchange; words are names seen in Chinese and English lists.
var sourceFields = append(classFields[:], detailFields...)

var classFields = [firstDetail]fieldInfo{
	fieldID:           {name: "id", words: []string{"编号", "风险源编号", "风险点编号", "hazard_id", "source_id", "风险源编码", "风险点编码", "统一编号", "危险源编号", "object_id"}},
	fieldName:         {name: "name", words: []string{"名称", "风险源名称", "风险点名称", "单位名称", "企业名称", "场所名称", "项目名称", "name_zh", "station_name", "站名", "title", "危险源名称", "风险源", "风险点", "单位全称", "公司名称", "设施名称", "工程名称", "桥梁名称", "学校名称", "医院名称", "加油站名称", "仓库名称", "企业名", "site_name", "facility_name"}},
	fieldNameEn:       {name: "name_en", words: []string{"英文名", "英文名称", "english_name"}},
	fieldLon:          {name: "lon", words: []string{"经度", "longitude", "lng", "long", "x", "东坐标", "easting", "坐标经度", "东经", "经度坐标", "x坐标", "lon_dd"}},
	fieldLat:          {name: "lat", words: []string{"纬度", "latitude", "y", "北坐标", "northing", "坐标纬度", "北纬", "纬度坐标", "y坐标", "lat_dd"}},
	fieldGeometry:     {name: "geometry", words: []string{"wkt", "geom", "the_geom", "几何", "geojson", "wkt_geom", "经纬度", "坐标", "地理坐标", "位置坐标", "lonlat", "lnglat", "coordinates"}},
	fieldIndustry:     {name: "industry", words: []string{"industry_code", "行业", "行业代码", "行业领域", "行业类别", "行业类型", "industry_type", "type", "类型", "类别", "所属行业", "行业分类", "行业名称", "industry_name", "sector"}},
	fieldLevel:        {name: "level", words: []string{"risk_level", "风险等级", "风险级别", "等级", "级别", "风险颜色", "风险分级", "风险评级", "评估等级", "等级评定", "risk_rating"}},
	fieldDistrict:     {name: "district", words: []string{"district_code", "区县代码", "区县", "区县市", "所在区县", "所属区县", "所在区", "所属区", "行政区", "行政区划", "辖区", "adcode", "区", "所在县区", "县区", "所属区域", "行政区域", "区县名称", "district_name"}},
	fieldVintage:      {name: "district_vintage", words: []string{"vintage", "区划年份", "行政区划年份"}},
	fieldStatus:       {name: "status", words: []string{"状态", "运行状态", "运营状态", "营业状态", "使用状态"}},
	fieldSensitivity:  {name: "sensitivity", words: []string{"敏感级别", "密级", "公开属性"}},
	fieldRegulator:    {name: "regulator", words: []string{"监管部门", "主管部门", "行业主管部门", "监管单位", "行业监管部门", "监管机构", "主管单位", "regulatory_body"}},
	fieldScenarios:    {name: "scenarios", words: []string{"事故情景"}},
	fieldStreet:       {name: "street_code", words: []string{"street", "街道", "街道代码", "镇街", "乡镇街道", "街道乡镇", "乡镇", "所属街道", "town", "所在街道", "所属镇街", "镇街名称", "所属乡镇", "街镇"}},
	fieldMeasures:     {name: "measures", words: []string{"管控措施", "防控措施", "风险管控措施"}},
	fieldAccidents:    {name: "accident_types", words: []string{"事故类型", "可能事故类型", "可能导致的事故类型", "accident_type"}},
	fieldSubstances:   {name: "substances", words: []string{"危险物质"}},
	fieldLevelInputs:  {name: "level_inputs"},
	fieldEffectRadius: {name: "effect_radius_m"},
	fieldIndicators:   {name: "indicators", words: []string{"指标"}},
	fieldAccuracy:     {name: "coord_accuracy_m", words: []string{"坐标精度"}},
	fieldGrade:        {name: "major_hazard_grade", words: []string{"重大危险源等级", "重大危险源级别"}},
	fieldSynthetic:    {name: "synthetic"},
	fieldSourceCoords: {name: "source_geometry"},
	fieldVessels:      {name: "vessels", words: []string{"储存设备", "容器清单"}},
	fieldFlood:        {name: "flood", words: []string{"淹没范围"}},
	fieldDerivations:  {name: "derivations"},
	fieldNetExplosive: {name: "net_explosive_kg", words: []string{"净药量", "净药量_kg", "净药量(kg)", "炸药量", "炸药量_kg", "炸药量(kg)", "核定药量", "核定药量_kg", "核定药量(kg)", "存药量", "存药量_kg", "net_explosive_quantity_kg", "neq_kg"}},
	// One substance in one kind of vessel, as flat lists have it.
	fieldSubstance:    {name: "substance", words: []string{"主要危险物质", "危险化学品名称", "危化品名称", "物质名称", "储存物质", "介质", "主要介质", "substance_name", "chemical"}},
	fieldCAS:          {name: "cas", words: []string{"cas号", "cas_no", "cas_number"}},
	fieldMaxT:         {name: "max_t", words: []string{"最大储量_t", "最大储量(t)", "最大储量(吨)", "最大储量吨", "最大储量", "最大储存量", "最大储存量_t", "最大储存量(t)", "最大储存量(吨)", "设计最大储量", "储存量_t", "储存量(吨)", "max_tonnes"}},
	fieldVesselKind:   {name: "vessel_kind", words: []string{"储罐类型", "储罐形式", "容器类型", "tank_type"}},
	fieldVesselVolume: {name: "vessel_volume_m3", words: []string{"单罐容积", "单罐容积_m3", "单罐容积(m3)", "储罐容积", "储罐容积_m3", "储罐容积(m3)", "罐容", "罐容_m3", "tank_volume_m3"}},
	fieldVesselCount:  {name: "vessel_count", words: []string{"储罐数量", "储罐个数", "罐数", "tank_count"}},
	fieldBund:         {name: "bund_diameter_m", words: []string{"围堰直径", "围堰直径_m", "围堰直径(m)", "防火堤等效直径", "防火堤等效直径_m"}},
	fieldDustMass:     {name: "dust_mass_kg", words: []string{"粉尘量_kg", "粉尘量(kg)", "扬尘量_kg", "最大粉尘云质量_kg"}},
	fieldDustType:     {name: "dust_type", words: []string{"粉尘种类", "粉尘类型"}},
}

var detailFields = []fieldInfo{
	{name: "kind", oneOf: words("site", "unit", "line", "area", "project", "vehicle_route"), text: func(d *data.Detail) *string { return &d.Kind }},
	{name: "address", words: []string{"地址", "详细地址", "单位地址", "场所地址", "station_address", "所在地址", "具体地址", "注册地址", "单位详细地址", "地理位置", "street_address"}, most: 300, text: func(d *data.Detail) *string { return &d.Address }},
	{name: "source_crs", text: func(d *data.Detail) *string { return &d.SourceCRS }},
	{name: "level_method", words: []string{"评估方法", "定级方法", "分级方法"}, oneOf: words("R", "QRA", "consequence", "LEC", "LS", "key_unit", "expert", "condition_class"), text: func(d *data.Detail) *string { return &d.LevelMethod }},
	{name: "level_inputs.L", words: []string{"L", "可能性", "事故发生可能性", "事故发生的可能性"}, input: "L"},
	{name: "level_inputs.E", words: []string{"E", "暴露频率", "暴露频繁程度", "人员暴露频率", "人员暴露频繁程度"}, input: "E"},
	{name: "level_inputs.C", words: []string{"C", "后果", "事故后果"}, input: "C"},
	{name: "level_inputs.S", words: []string{"S", "严重性", "后果严重性", "严重程度"}, input: "S"},
	{name: "level_inputs.residents_500m", words: []string{"residents_500m", "500米内常住人口", "500米范围内常住人口", "周边500米常住人口", "厂界外500米常住人口"}, input: "residents_500m"},
	{name: "override_reason", text: func(d *data.Detail) *string { return &d.OverrideReason }},
	{name: "protection_class", words: []string{"防护目标类别", "防护目标分类"}, oneOf: protectionWords, text: func(d *data.Detail) *string { return &d.ProtectionClass }},
	{name: "exposed_day", words: []string{"白天暴露人数", "昼间人数", "昼间暴露人数"}, count: func(d *data.Detail) **int { return &d.ExposedDay }},
	{name: "exposed_night", words: []string{"夜间暴露人数", "夜间人数"}, count: func(d *data.Detail) **int { return &d.ExposedNight }},
	{name: "occupancy_max", words: []string{"最大容纳人数", "最大人数", "峰值人数", "最大承载人数", "瞬时最大人数"}, count: func(d *data.Detail) **int { return &d.OccupancyMax }},
	{name: "staff", words: []string{"员工人数", "从业人数", "职工人数", "员工数", "从业人员数", "从业人员", "员工数量"}, count: func(d *data.Detail) **int { return &d.Staff }},
	{name: "hidden_dangers_open", words: []string{"未整改隐患数", "隐患数"}, count: func(d *data.Detail) **int { return &d.HiddenDangersOpen }},
	{name: "enterprise", words: []string{"所属企业", "企业", "所属单位", "所属公司", "运营单位", "经营单位", "管理单位", "operator"}, text: func(d *data.Detail) *string { return &d.Enterprise }},
	{name: "uscc", words: []string{"统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码", "信用代码证号", "uniform_social_credit_code"}, text: func(d *data.Detail) *string { return &d.USCC }},
	{name: "responsible", words: []string{"责任人", "负责人", "主要负责人", "安全负责人", "responsible_person", "责任人姓名", "负责人姓名", "主要负责人姓名", "安全管理人", "联系人"}, personal: true, text: func(d *data.Detail) *string { return &d.Responsible }},
	{name: "duty_phone", words: []string{"值班电话", "联系电话", "联系方式", "电话", "负责人电话", "phone", "手机", "手机号", "手机号码", "联系人电话", "负责人手机", "固定电话", "值守电话", "telephone", "tel", "mobile"}, personal: true, text: func(d *data.Detail) *string { return &d.DutyPhone }},
	{name: "regulator_contact", words: []string{"监管责任人", "监管联系人"}, personal: true, text: func(d *data.Detail) *string { return &d.RegulatorContact }},
	{name: "grid_officer", words: []string{"网格员"}, personal: true, text: func(d *data.Detail) *string { return &d.GridOfficer }},
	{name: "level_of_control", words: []string{"管控层级", "管控级别"}, oneOf: controlWords, text: func(d *data.Detail) *string { return &d.LevelOfControl }},
	{name: "emergency_plan_id", words: []string{"应急预案编号"}, text: func(d *data.Detail) *string { return &d.EmergencyPlan }},
	{name: "nearest_fire_station", words: []string{"最近消防站"}, text: func(d *data.Detail) *string { return &d.FireStation }},
	{name: "shelter", words: []string{"避难场所"}, text: func(d *data.Detail) *string { return &d.Shelter }},
	{name: "status_reason", words: []string{"状态原因", "停用原因"}, text: func(d *data.Detail) *string { return &d.StatusReason }},
	{name: "valid_from", words: []string{"有效期起"}, date: func(d *data.Detail) *string { return &d.ValidFrom }},
	{name: "valid_to", words: []string{"有效期止"}, date: func(d *data.Detail) *string { return &d.ValidTo }},
	{name: "assessed_at", words: []string{"评估日期", "评估时间", "评估时点", "assessment_date"}, date: func(d *data.Detail) *string { return &d.AssessedAt }},
	{name: "assessor", words: []string{"评估人"}, personal: true, text: func(d *data.Detail) *string { return &d.Assessor }},
	{name: "next_review", words: []string{"下次评估日期", "复评日期", "下次复评日期", "复评时间"}, date: func(d *data.Detail) *string { return &d.NextReview }},
	{name: "measures.engineering", words: []string{"工程技术措施", "工程措施"}, list: func(d *data.Detail) *[]string { return &measures(d).Engineering }},
	{name: "measures.management", words: []string{"管理措施"}, list: func(d *data.Detail) *[]string { return &measures(d).Management }},
	{name: "measures.emergency", words: []string{"应急措施", "应急处置措施"}, list: func(d *data.Detail) *[]string { return &measures(d).Emergency }},
	{name: "measures.monitoring", words: []string{"监测措施", "监测监控措施"}, list: func(d *data.Detail) *[]string { return &measures(d).Monitoring }},
	{name: "data_source", words: []string{"数据来源"}, text: func(d *data.Detail) *string { return &d.DataSource }},
	{name: "collected_at", words: []string{"采集日期", "采集时间"}, date: func(d *data.Detail) *string { return &d.CollectedAt }},
}

var controlWords = map[string]string{"city": "city", "district": "district", "street": "street", "enterprise": "enterprise",
	"市": "city", "市级": "city", "区": "district", "区级": "district", "区县": "district", "县级": "district",
	"街道": "street", "街道级": "street", "镇街": "street", "企业": "enterprise", "企业级": "enterprise"}

// protectionWords are the classes of targets (GB 36894-2018, clause 3).
var protectionWords = map[string]string{"high_sensitive": "high_sensitive", "important": "important", "general_1": "general_1", "general_2": "general_2", "general_3": "general_3",
	"高敏感": "high_sensitive", "高敏感防护目标": "high_sensitive", "重要": "important", "重要防护目标": "important", "一类": "general_1", "一般一类": "general_1", "一般防护目标一类": "general_1",
	"二类": "general_2", "一般二类": "general_2", "一般防护目标二类": "general_2", "三类": "general_3", "一般三类": "general_3", "一般防护目标三类": "general_3"}

// quietNames are properties of our own answers that a file may carry back: they
// are computed or kept by the program and never read.
var quietNames = words("rev", "distance", "bearing", "derived", "group")

// measures gives the detail's measures, made when there are none, every list of
// them empty and not nil, as the interchange writes them.
func measures(d *data.Detail) *data.Measures {
	if d.Measures == nil {
		d.Measures = &data.Measures{}
	}
	for _, list := range []*[]string{&d.Measures.Engineering, &d.Measures.Management, &d.Measures.Emergency, &d.Measures.Monitoring} {
		if *list == nil {
			*list = []string{}
		}
	}
	return d.Measures
}

func words(list ...string) map[string]string {
	m := make(map[string]string, len(list))
	for _, w := range list {
		m[strings.ToLower(w)] = w
	}
	return m
}

// fold gives the form in which column names are compared: compatibility
// characters and case folded, spaces, underscores, hyphens and byte order marks
// left out, and with them the stars and colons of forms.
func fold(name string) string {
	return foldDrop.Replace(strings.ToLower(norm.NFKC.String(name)))
}

var foldDrop = strings.NewReplacer(" ", "", "_", "", "-", "", "\t", "", "\n", "", "\r", "", "\ufeff", "", "\u200b", "", "/", "", "*", "", ":", "")
