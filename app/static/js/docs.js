// Swagger UI over our own description of the API.
const place = document.getElementById("swagger-ui");
window.SwaggerUIBundle({
  url: place.dataset.url,
  domNode: place,
  tryItOutEnabled: true,
  deepLinking: true,
  validatorUrl: null,
});
