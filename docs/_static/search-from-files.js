// A browser fetches no files, so the search takes a page's text from page-texts.js instead.
if (location.protocol === "file:") {
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href);
  window.fetch = async (address) => {
    const path = decodeURIComponent(new URL(address, location.href).href.slice(root.href.length));
    const page = document.createElement("div");
    page.setAttribute("role", "main");
    page.textContent = PAGE_TEXTS[path.replace(/\.html.*$/, "")] ?? "";
    return new Response(page.outerHTML);
  };
}
