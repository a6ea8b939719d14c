/* The print page: prints when asked. */
document.addEventListener("click", (event) => { if (event.target.closest("[data-print-now]")) print(); });
