// Live updates can be paused, and a page says when the server no longer answers.
"use strict";
(() => {
  const SILENCE = 60_000; // milliseconds; the server is heard every 15 seconds
  const stream = document.getElementById("changes");
  const button = document.getElementById("pause");
  const lost = document.getElementById("lost");
  const changed = document.getElementById("changed");
  if (!stream || !button) return;

  const words = { pause: button.textContent, resume: button.dataset.resume };
  let paused = sessionStorage.getItem("paused") === "yes";
  let missed = false;
  let heard = Date.now();

  const show = () => { button.textContent = paused ? words.resume : words.pause; };
  show();
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem("paused", paused ? "yes" : "no");
    show();
    if (!paused && missed) htmx.trigger(stream, "changed");
    if (!paused) missed = false;
  });

  document.addEventListener("htmx:sse:before:message", (event) => {
    heard = Date.now();
    lost.hidden = true;
    if (!paused) return;
    if (event.detail.message.event === "changed") missed = true;
    event.preventDefault();
  });
  stream.addEventListener("changed", () => { if (changed) changed.hidden = false; });

  setInterval(() => { if (!document.hidden && Date.now() - heard > SILENCE) lost.hidden = false; }, 5_000);
  document.addEventListener("visibilitychange", () => { heard = Date.now(); });
})();
