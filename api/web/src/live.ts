/** What a revision changed, as /api/v1/events tells it. */
export interface Change {
  data_revision: number;
  ids: string[];
  more?: number;
  all?: boolean;
  tiles?: Record<string, { all?: boolean; zooms?: Record<string, [number, number, number, number][]> }>;
}

export interface Live {
  connected: boolean;
  revision: number;
  /** When the page last heard of a change; null: never. */
  heard: Date | null;
}

/** Changes that come close together are told together. */
const gatherMs = 30;
/** How long to wait where the browser itself does not come back. */
const againMs = 3000;

/**
 * Follows the city from a revision on, for as long as the page is there. heard gets
 * what changed; null: anything may have. said gets every new state.
 */
export function follow(since: number, heard: (changes: Change[] | null) => void, said: (state: Live) => void): void {
  const state: Live = { connected: false, revision: since, heard: null };
  let gathered: Change[] = [];
  let anything = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let started = "";
  const say = () => said({ ...state });

  const note = (revision: number, change: Change | null) => {
    state.revision = revision;
    state.heard = new Date();
    if (change) gathered.push(change);
    else anything = true;
    timer ??= setTimeout(() => {
      const changes = anything ? null : gathered;
      timer = undefined;
      anything = false;
      gathered = [];
      heard(changes);
    }, gatherMs);
    say();
  };
  const open = () => {
    // The browser comes back by itself with the last id that it had.
    const source = new EventSource(`api/v1/events?since=${state.revision}`);
    const on = (name: string, f: (data: any) => void) => source.addEventListener(name, (e) => f(JSON.parse((e as MessageEvent<string>).data)));
    on("change", (c: Change) => note(c.data_revision, c));
    on("reset", (r) => {
      started = r.started;
      note(r.data_revision, null);
    });
    on("now", (n) => {
      // Another server, which may serve another city under the same numbers.
      if (started && started !== n.started) note(n.data_revision, null);
      started = n.started;
      state.revision = n.data_revision;
      say();
    });
    source.addEventListener("open", () => {
      state.connected = true;
      say();
    });
    source.addEventListener("error", () => {
      state.connected = false;
      say();
      if (source.readyState === EventSource.CLOSED) setTimeout(open, againMs * (1 + Math.random()));
    });
  };
  open();
  say();
}
