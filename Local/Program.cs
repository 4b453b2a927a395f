using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using TokenBroker;
using TokenBroker.Endpoints;
using TokenBroker.Local;

try
{
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.WebHost.UseKestrelHttpsConfiguration();
    await using var setup = await LocalSetup.FillInAsync(builder);
    builder.AddTokenBroker();
    builder.Services.AddFunctionTimers(typeof(CreateSession).Assembly);
    await using var app = builder.Build();
    app.MapFunctions(typeof(CreateSession).Assembly);
    await app.StartAsync();
    setup.Describe(app.Services, Console.Out);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (ConfigurationException exception)
{
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message}");
    return 1;
}
catch (Exception exception) when (exception is IOException or InvalidOperationException or FormatException)
{
    // Kestrel: the address is in use or malformed, or there is no development certificate.
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message.Split('\n')[0].Trim()} Choose another address with --urls.");
    return 1;
}
