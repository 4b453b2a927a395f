// A game's own server: it lets a player in by the broker's ID token, and nobody else.
// Usage: dotnet run --project samples/GameBackend -- --urls http://localhost:5080 --broker http://localhost:7071 --app aura
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;

var builder = WebApplication.CreateSlimBuilder(args);
var broker = builder.Configuration["broker"] ?? "http://localhost:7071";
builder.Services.AddAuthorization().AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
{
    options.Authority = broker; // iss, and where the keys are
    options.Audience = builder.Configuration["app"] ?? "aura"; // aud: a token for another game is no good here
    options.RequireHttpsMetadata = broker.StartsWith("https:", StringComparison.Ordinal); // a local run has none
    options.MapInboundClaims = false; // sub stays sub
    options.TokenValidationParameters.ValidAlgorithms = ["RS256", "ES256"];
    options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(2);
});
var app = builder.Build();
app.MapGet("/me", (ClaimsPrincipal player) => new { player = player.FindFirstValue("sub"), provider = player.FindFirstValue("idp") })
    .RequireAuthorization();
app.Run();
