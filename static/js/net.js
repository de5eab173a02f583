// data-net: the band that says so when the network or the server lets a deed down, and offers the way on.
// What was typed stays in the page. A form with data-offline keeps its own queue and is left alone.
(() => {
  const band = document.querySelector("[data-net]");
  if (!band) return;

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

  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.defaultPrevented || "offline" in event.target.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("网络不通，还没有提交。您填的内容还在这一页，网络通了再提交一次。");
  }, true);
  window.addEventListener("online", hush);
  window.liaisonNet = { say, hush };
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
