// data-net: the band that says so when the network or the server lets a deed down, and offers the way on.
// What was typed stays in the page. A form with data-offline keeps its own queue and is left alone.
(() => {
  const band = document.querySelector("[data-net]");
  if (!band) return;

  const reload = ["刷新页面", () => window.location.reload()];
  const words = {
    403: ["这一步没有做成：您不能做这一步，或者登录已过期。", ...reload],
    404: ["这一条已经看不到了。", ...reload],
    409: ["别人刚改过这一条，刚才的操作没有保存。", ...reload],
    429: ["操作太频繁，请过一会儿再试。"],
  };

  function say(text, label, act) {
    const note = document.createElement("div");
    const line = document.createElement("p");
    note.className = "note note-late";
    line.textContent = text;
    if (label) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.textContent = label;
      button.addEventListener("click", () => { hush(); act(); });
      line.append(button);
    }
    note.append(line);
    hush();
    band.append(note);
  }

  function hush() { band.textContent = ""; }

  function retry({ elt, target, requestConfig: { verb, path, triggeringEvent } }) {
    const button = triggeringEvent && triggeringEvent.submitter;
    const values = button && button.name ? { [button.name]: button.value } : {};
    return () => window.htmx.ajax(verb, path, { source: elt, target, values });
  }

  function sayFailed(why, detail) {
    const lost = detail.requestConfig.verb === "get" ? "没有取到最新内容。" : "刚才的操作没有保存。";
    say(`${why}，${lost}`, "重试", retry(detail));
  }

  function whole(xhr) { return new DOMParser().parseFromString(xhr.responseText, "text/html"); }

  function refusal(xhr) {
    const said = whole(xhr).querySelector("[data-reason]");
    return said && said.textContent;
  }

  document.addEventListener("htmx:sendError", ({ detail }) => sayFailed("网络不通", detail));
  document.addEventListener("htmx:timeout", ({ detail }) => sayFailed("网络太慢", detail));

  document.addEventListener("htmx:responseError", ({ detail }) => {
    const { xhr } = detail;
    const reason = refusal(xhr);
    if (reason) say(reason, ...reload);
    else if (words[xhr.status]) say(...words[xhr.status]);
    else sayFailed("系统出了问题", detail);
  });

  // A whole page where a piece was asked for: a refusal in words, or the sign-in because the session is over.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr } = detail;
    const signIn = xhr.responseText.includes("data-sign-in");
    const reason = xhr.status === 422 && refusal(xhr);
    if (signIn || reason) detail.shouldSwap = false;
    if (reason) say(reason, ...reload);
    else if (signIn) {
      const here = window.location.pathname + window.location.search;
      const login = new URL(xhr.responseURL).pathname;
      say("登录已过期，刚才的操作没有保存。", "重新登录", () => window.location.assign(`${login}?next=${encodeURIComponent(here)}`));
    } else if (!detail.isError) hush();
  });

  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.defaultPrevented || "offline" in event.target.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("网络不通，还没有提交。您填的内容还在这一页，网络通了再提交一次。");
  }, true);
  window.addEventListener("online", hush);
})();

// data-queue: the person whose entries may be waiting on this device. What sends them is loaded after the page, and only
// where something waits, or the page works without network. Pages kept for another person, or after leaving, are dropped.
(() => {
  const line = document.querySelector("[data-queue]");
  const owner = line ? line.dataset.queue : window.location.pathname === "/" ? "" : null;
  if (owner === null) return;
  try {
    if (window.caches && localStorage.getItem("owner") !== owner) {
      caches.keys().then((names) => names.filter((name) => name.startsWith("pages-")).forEach((name) => caches.delete(name)));
    }
    localStorage.setItem("owner", owner);
    if (!line || !(document.querySelector("[data-offline]") || localStorage.getItem(`queued-${owner}`))) return;
  } catch (error) {
    return; // a browser that stores nothing
  }
  window.addEventListener("load", () => {
    const script = document.createElement("script");
    script.src = line.dataset.src;
    document.head.append(script);
  });
})();
