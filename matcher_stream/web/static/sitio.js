(function () {
  "use strict";
  var doc = document, voice = window.speechSynthesis;

  function each(css, act) { Array.prototype.forEach.call(doc.querySelectorAll(css), act); }

  // What only works here is hidden in the page and shown by this script.
  function show() {
    each("[data-leer]", function (button) { button.hidden = !voice; });
  }

  function read(button) {
    var said = new SpeechSynthesisUtterance(doc.getElementById(button.dataset.leer).innerText);
    said.lang = "es-PE";
    voice.cancel();
    voice.speak(said);
  }

  doc.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-leer]");
    if (button && voice) { read(button); }
  });

  // Fetch the page again and put its live part in the place of ours.
  function renew(part) {
    if (part.contains(doc.activeElement) || part.querySelector("details[open]")) {
      each("[data-hay]", function (note) { note.hidden = false; });
      return;
    }
    fetch(location.pathname, { headers: { "X-Renovar": "1" } }).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject();
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      if (fresh) { part.innerHTML = fresh.innerHTML; show(); }
    }).catch(function () {});
  }

  var part = doc.querySelector("[data-vivo]");
  if (part && window.EventSource) {
    var timer, stream = new EventSource(part.dataset.vivo);
    stream.onmessage = function () {
      clearTimeout(timer);
      timer = setTimeout(function () { renew(doc.getElementById(part.id)); }, 300);
    };
  }
  show();
}());
