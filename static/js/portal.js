// The portal works without this file; it only makes the pages quicker to handle.
// Everything is delegated from the document, so what htmx swaps in needs no wiring.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const texts = () => document.body.dataset;

  // Messages -------------------------------------------------------------------------------------------------------
  const close = (message) => {
    const region = message.closest(".toasts");
    message.remove();
    if (region && !region.children.length) region.hidden = true;
  };
  // Only good news goes away by itself, and never while somebody reads it.
  const expire = (message) => {
    const later = () => setTimeout(() => (message.matches(":hover, :focus-within") ? later() : close(message)), 8000);
    later();
  };
  function toast(text) {
    const region = document.getElementById("toasts");
    const template = document.getElementById("toast-template");
    if (!region || !template) return;
    const message = template.content.firstElementChild.cloneNode(true);
    message.querySelector("[data-text]").textContent = text;
    region.hidden = false;
    region.append(message);
  }
  document.querySelectorAll("[data-expires]").forEach(expire);

  // On a narrow screen the tab of this page may lie outside its row: bring it in, without moving the page.
  document.querySelectorAll(".tab[aria-current]").forEach((tab) => {
    const row = tab.closest(".tabs");
    const hidden = tab.getBoundingClientRect(), seen = row.getBoundingClientRect();
    if (hidden.left < seen.left || hidden.right > seen.right) row.scrollLeft += hidden.left - seen.left - (seen.width - hidden.width) / 2;
  });

  // Clicks: dialogs, messages, menus -------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog && typeof dialog.showModal === "function") {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    if (event.target.closest("[data-close-dialog]")) {
      const open = event.target.closest("dialog");
      if (open) {
        event.preventDefault();
        open.close();
      }
    }
    if (event.target instanceof HTMLDialogElement) event.target.close(); // the backdrop
    const dismiss = event.target.closest("[data-dismiss-message]");
    if (dismiss) close(dismiss.closest(".alert"));
    if (event.target.closest("[data-print]")) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard)
      navigator.clipboard.writeText(copy.dataset.copy).then(() => toast(texts().textCopied), () => {});
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // Keyboard -------------------------------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape")
      document.querySelectorAll("details.menu[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    if (event.key === " " && event.target.matches('a[role="button"]')) {
      event.preventDefault();
      event.target.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (event.key === "/") {
      const search = document.querySelector("input[data-search]") || document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        if (search.matches("input")) search.focus();
        else search.click();
      }
    }
    if (event.key === "?") {
      const help = document.getElementById("help-dialog");
      if (help && help.showModal) help.showModal();
    }
  });

  // Forms: what was typed is not lost, and nothing is sent twice -----------------------------------------------------
  const touched = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-unsaved")) touched.add(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    touched.delete(event.target);
    if (event.target.method !== "post" || event.target.hasAttribute("data-repeatable")) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
    event.target.setAttribute("aria-busy", "true");
    setTimeout(() => {
      delete event.target.dataset.sent;
      event.target.removeAttribute("aria-busy");
    }, 4000);
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of touched) if (!form.isConnected) touched.delete(form);
    if (touched.size) event.preventDefault();
  });
  // A file that is too large is refused before it travels; the server checks again.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type === "file" && input.dataset.maxBytes) {
      const tooLarge = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
      input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
      if (tooLarge) input.reportValidity();
    }
    if (input.matches("[data-submit-on-change]") && input.form) input.form.requestSubmit();
  });
  const focusSummary = (scope) => {
    const summary = scope.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  };
  focusSummary(document);

  // htmx -----------------------------------------------------------------------------------------------------------
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(status === 403 || status === 401 ? texts().textRefused : status === 429 ? texts().textSlow : texts().textFailed);
  });
  document.addEventListener("htmx:sendError", () => toast(texts().textOffline));
  document.addEventListener("htmx:timeout", () => toast(texts().textOffline));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) touched.delete(event.detail.elt);
  });
  // A passkey ceremony that was cancelled or failed; without this, allauth only writes it to the console.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    toast(texts().textKey);
  });
  // A form refused with its errors is a page part like another: show it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422 || event.detail.xhr.status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.target));
})();
