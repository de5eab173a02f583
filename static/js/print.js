// data-print: the button prints the page. It is hidden in the page itself, and stays so where nothing can print: WeChat.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = /MicroMessenger/i.test(navigator.userAgent);
  button.addEventListener("click", () => window.print());
}
