// The ear of a screen: hears of new loads, keeps clocks ticking, follows links without a reload.
// One per window; Streamlit calls the function again on every run, so all state lives on `ear`.
const ear = (window.happycallEar ??= { shown: 0, told: 0, tries: 0, skew: 0, lostAt: 0 });

function age(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(s / 86400), ear.data.units.days],
    [Math.floor(s / 3600) % 24, ear.data.units.hours],
    [Math.floor(s / 60) % 60, ear.data.units.minutes],
    [s % 60, ear.data.units.seconds],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const shown = first < 0 ? [parts[3]] : parts.slice(first, first + 2).filter(([value]) => value > 0);
  return shown.map(([value, unit]) => `${value}${ear.data.gap}${unit}`).join(" ");
}

function tick() {
  const now = Date.now() + ear.skew;
  for (const clock of document.querySelectorAll("[data-since]")) {
    const passed = now - Number(clock.dataset.since);
    const text = clock.dataset.ago
      ? passed < 5000 ? ear.data.justNow : clock.dataset.ago.replace("{age}", age(passed))
      : age(passed);
    if (clock.textContent !== text) clock.textContent = text;
  }
  const passed = now - ear.data.asOf;
  const lost = ear.lostAt > 0 && Date.now() - ear.lostAt > 3000;
  const stale = passed > ear.data.staleAfter;
  for (const fresh of document.querySelectorAll(".hc-fresh")) {
    fresh.classList.toggle("hc-lost", lost);
    fresh.classList.toggle("hc-stale", stale);
    fresh.classList.toggle("hc-aging", !stale && passed > ear.data.agingAfter);
  }
  for (const warn of document.querySelectorAll("[data-warn]")) {
    warn.classList.toggle("hc-on", warn.dataset.warn === "lost" ? lost : stale && !lost);
  }
}

function tell() {
  if (ear.told > ear.shown && !document.hidden) ear.trigger("load", ear.told);
}

function listen() {
  clearTimeout(ear.again);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = new URLSearchParams({ site: ear.data.site, since: String(ear.shown) });
  const socket = new WebSocket(`${scheme}://${location.host}/api/push?${query}`);
  ear.socket = socket;
  ear.site = ear.data.site;
  socket.onopen = () => { ear.tries = 0; ear.lostAt = 0; };
  socket.onmessage = (event) => {
    ear.told = Math.max(ear.told, JSON.parse(event.data).load);
    tell();
  };
  socket.onclose = () => {
    if (ear.socket !== socket) return;  // a newer one took its place
    ear.lostAt ||= Date.now();
    const wait = Math.min(15000, 500 * 2 ** ear.tries++) * (0.5 + Math.random());
    ear.again = setTimeout(listen, wait);
  };
}

function follow(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest?.("a[data-go]");
  if (!link) return;
  event.preventDefault();
  const path = location.pathname;
  history.pushState(null, "", link.getAttribute("href"));
  window.dispatchEvent(new PopStateEvent("popstate"));
  if (path !== location.pathname) document.querySelector(".stMain")?.scrollTo(0, 0);
}

export default function ({ data: [data], setTriggerValue }) {
  if (ear.data?.now !== data.now) ear.skew = data.now - Date.now();
  ear.data = data;
  ear.trigger = setTriggerValue;
  ear.shown = data.load;
  if (!ear.started) {
    ear.started = true;
    setInterval(tick, 1000);
    document.addEventListener("click", follow);
    document.addEventListener("visibilitychange", tell);
  }
  document.documentElement.lang = data.lang;
  if (!ear.socket || ear.site !== data.site) {
    const old = ear.socket;
    listen();
    old?.close();
  }
  tick();
}
