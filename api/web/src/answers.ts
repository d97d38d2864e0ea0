/** The server's answers that the page reads. */
export interface Named {
  name: string;
  name_en?: string;
}
export interface Taxonomy {
  city: Named & { centre: [number, number]; bounds: [number, number, number, number] };
  groups: (Named & { key: string })[];
  industries: (Named & { code: string; slug: string; group: string; regulator?: string })[];
  districts: (Named & { code: string })[];
  accident_types: (Named & { code: string })[];
  cuts: { floor: number; general: number; significant: number; major: number };
  schematic?: boolean;
  coverage_recorded?: boolean;
  synthetic?: boolean;
  view?: { name: string; left_out: number };
  data_revision: number;
}
export interface Measures {
  engineering: string[];
  management: string[];
  emergency: string[];
  monitoring: string[];
}
export interface Contribution extends Named {
  id: string;
  industry: string;
  level: number;
  ir: number;
  share: number;
  by_basis: { qra: number; equivalent: number };
  distance_m: number;
  regulator?: string;
  enterprise?: string;
  responsible?: string;
  measures?: Measures;
}
export interface Assessed {
  recorded: boolean;
  share: number | null;
  missing: string[];
  oldest: string | null;
}
export interface Explained {
  ir: number;
  level: number;
  level_text: string;
  by_basis: { qra: number; equivalent: number };
  contributions: Contribution[];
  others?: { count: number; ir: number };
}
export interface RiskAnswer extends Explained {
  assessed: Assessed;
  cell?: Explained & { zoom: number; worst_at: [number, number] };
  data_revision: number;
}
export interface SourceFeature {
  id: string;
  properties: Named & {
    industry: string;
    district?: string;
    level: number;
    address?: string;
    regulator?: string;
    enterprise?: string;
    responsible?: string;
    accident_types?: string[];
    measures?: Measures;
    assessed_at?: string;
    rev?: number;
  };
}

/** What went wrong, in the server's own words. */
export class Problem extends Error {}

/** Asks the server; a newer question of the same name makes an older one moot. */
const running = new Map<string, AbortController>();
export async function ask<T>(name: string, path: string): Promise<T> {
  running.get(name)?.abort();
  const control = new AbortController();
  running.set(name, control);
  const response = await fetch(path, { signal: control.signal, headers: { Accept: "application/json" } });
  if (!response.ok) {
    const problem = await response.json().catch(() => null);
    throw new Problem(problem?.detail ?? problem?.title ?? `${response.status} ${response.statusText}`);
  }
  return response.json();
}
