// Swagger UI over our own description of the API. The bundled Swagger UI draws OpenAPI 3.0 only and ours is 3.1: the
// one difference that we use, types that may be null, is said here in the words of 3.0. The file itself stays as it is.

const place = document.getElementById("swagger-ui");

function older(part) {
  if (Array.isArray(part)) return part.map(older);
  if (part === null || typeof part !== "object") return part;
  const said = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, older(value)]));
  if (Array.isArray(part.type)) {
    said.type = part.type.find((type) => type !== "null");
    said.nullable = part.type.includes("null");
    if (part.enum) said.enum = part.enum.filter((value) => value !== null);
  }
  return said;
}

fetch(place.dataset.url)
  .then((answer) => answer.json())
  .then((contract) => {
    window.SwaggerUIBundle({
      spec: { ...older(contract), openapi: "3.0.3" },
      domNode: place,
      tryItOutEnabled: true,
      deepLinking: true,
      validatorUrl: null,
    });
  });
