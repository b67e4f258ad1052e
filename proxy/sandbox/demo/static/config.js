// The addresses of the three servers, as the page's server wrote them into the page.
export const config = JSON.parse(document.getElementById("config").textContent);
