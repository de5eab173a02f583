// On pages with htmx: what its answers failed at, said in the band of net.js, with the way on.
(() => {
  if (!window.liaisonNet) return;
  const { say, hush } = window.liaisonNet;

  const reload = ["刷新页面", () => window.location.reload()];
  const words = {
    403: ["这一步没有做成：您不能做这一步，或者登录已过期。", ...reload],
    404: ["这一条已经看不到了。", ...reload],
    409: ["别人刚改过这一条，刚才的操作没有保存。", ...reload],
    429: ["操作太频繁，请过一会儿再试。"],
  };

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
})();
