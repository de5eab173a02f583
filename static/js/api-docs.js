// data-api-docs="/api/v1/schema/" shows the description found there. What is tried out goes with the session of this page.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-api-docs]");
  if (!place || !window.SwaggerUIBundle) return;
  window.SwaggerUIBundle({
    url: place.dataset.apiDocs,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = place.dataset.csrf;
      return request;
    },
  });
});
