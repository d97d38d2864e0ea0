/** The page's words in both languages; data carries its own names. */
const words = {
  title: ["城市安全风险电子地图", "city safety risk map"],
  filters: ["筛选", "Filter"],
  group: ["领域", "Group"],
  industry: ["行业", "Industry"],
  district: ["区县", "District"],
  level: ["风险源等级", "Level of sources"],
  all: ["全部", "All"],
  chosen: ["已选", "chosen"],
  clear: ["清除筛选", "Clear filters"],
  sources: ["风险源", "Sources"],
  places: ["应急资源", "Emergency places"],
  style: ["样式", "Style"],
  day: ["日间", "Day"],
  night: ["夜间", "Night"],
  "colour-blind": ["色觉友好", "Colour-blind safe"],
  stat: ["小比例尺着色", "Colour when zoomed out"],
  worst: ["按最高格", "by the worst cell"],
  share: ["按面积占比", "by shares of area"],
  statWorst: ["按所含基础格的最高风险着色", "coloured by the worst base cell"],
  statShare: ["按各等级基础格占比着色", "coloured by the shares of base cells"],
  legend: ["区域风险等级（叠加）", "Risk level of the ground (superposed)"],
  perYear: ["/年", "/yr"],
  synthetic: ["演示数据，均为虚构", "Synthetic demonstration data"],
  publicView: ["公众视图，未显示 {n} 个风险源", "Public view: {n} sources not shown"],
  schematic: ["区县边界为示意", "District outlines are schematic"],
  why: ["为什么是这个颜色？", "Why this colour?"],
  here: ["此处个人风险", "Individual risk here"],
  cell: ["图上格网最高值", "Worst value in the map cell"],
  from: ["风险来源", "Where it comes from"],
  others: ["其余 {n} 个来源", "{n} other sources"],
  nothing: ["此处没有超过阈值的已评估风险。未评估不等于低风险。", "No assessed risk above the floor here. Not assessed does not mean low."],
  measures: ["防控措施", "What controls it"],
  regulator: ["主管部门", "Who answers for it"],
  enterprise: ["单位", "Enterprise"],
  responsible: ["责任人", "Responsible"],
  accidents: ["事故类型", "Accident types"],
  assessed: ["评估日期", "Assessed"],
  address: ["地址", "Address"],
  distance: ["距离", "Distance"],
  qra: ["定量", "QRA"],
  equivalent: ["等效", "equivalent"],
  close: ["关闭", "Close"],
  back: ["返回", "Back"],
  screening: ["筛查值，不作为疏散指令", "Screening value, not an evacuation order"],
  failed: ["请求失败", "The request failed"],
  engineering: ["工程", "engineering"],
  management: ["管理", "management"],
  emergency: ["应急", "emergency"],
  monitoring: ["监测", "monitoring"],
  count: ["个", "sources"],
  cluster: ["此处 {n} 个风险源", "{n} sources here"],
  zoomIn: ["放大查看", "Zoom in"],
  revision: ["数据版本", "Data revision"],
  live: ["实时更新", "Live"],
  lost: ["连接中断，正在重连", "Connection lost, coming back"],
  sourcesShown: ["{n} 个风险源", "{n} sources"],
  lastUpdate: ["最近更新", "last update"],
} as const;

export type Word = keyof typeof words;
export type Language = "zh" | "en";

let language: Language = "zh";

export function setLanguage(l: Language): void {
  language = l;
  document.documentElement.lang = l === "zh" ? "zh-CN" : "en";
}

export const isEnglish = (): boolean => language === "en";

/** The word in the page's language, {name} replaced by values. */
export function say(word: Word, values: Record<string, string | number> = {}): string {
  let text: string = words[word][isEnglish() ? 1 : 0];
  for (const [name, value] of Object.entries(values)) text = text.replace(`{${name}}`, String(value));
  return text;
}

/** Which of two names to show. */
export function named(x: { name: string; name_en?: string }): string {
  return (isEnglish() && x.name_en) || x.name;
}

/** Levels in words: never by colour alone. */
export const levelNames: [string, string][] = [
  ["无", "None"],
  ["低风险", "Low"],
  ["一般风险", "General"],
  ["较大风险", "Significant"],
  ["重大风险", "Major"],
];
export const levelName = (level: number): string => levelNames[level]?.[isEnglish() ? 1 : 0] ?? "";
