using System;

namespace UnityEngine
{
    public class MonoBehaviour
    {
    }

    public static class Application
    {
        public static void OpenURL(string url)
        {
        }
    }

    public class AsyncOperation
    {
        public event Action<AsyncOperation> completed
        {
            add { }
            remove { }
        }
    }

    public class GUILayoutOption
    {
    }

    public static class GUILayout
    {
        public static void Label(string text, params GUILayoutOption[] options)
        {
        }

        public static bool Button(string text, params GUILayoutOption[] options) => false;

        public static string TextField(string text, params GUILayoutOption[] options) => text;
    }

    public static class PlayerPrefs
    {
        public static bool HasKey(string key) => false;

        public static string GetString(string key) => "";

        public static void SetString(string key, string value)
        {
        }

        public static void DeleteKey(string key)
        {
        }

        public static void Save()
        {
        }
    }
}

namespace UnityEngine.Scripting
{
    [AttributeUsage(AttributeTargets.Assembly)]
    public sealed class AlwaysLinkAssemblyAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.All)]
    public sealed class PreserveAttribute : Attribute
    {
    }
}

namespace UnityEngine.Networking
{
    public class DownloadHandler
    {
        public string text => "";
    }

    public sealed class DownloadHandlerBuffer : DownloadHandler
    {
    }

    public class UploadHandler
    {
    }

    public sealed class UploadHandlerRaw : UploadHandler
    {
        public UploadHandlerRaw(byte[] data)
        {
        }
    }

    public class UnityWebRequestAsyncOperation : AsyncOperation
    {
    }

    public class UnityWebRequest : IDisposable
    {
        public UnityWebRequest(Uri uri, string method)
        {
        }

        public DownloadHandler downloadHandler { get; set; }

        public UploadHandler uploadHandler { get; set; }

        public int redirectLimit { get; set; }

        public int timeout { get; set; }

        public long responseCode => 0;

        public string error => "";

        public void SetRequestHeader(string name, string value)
        {
        }

        public string GetResponseHeader(string name) => null;

        public UnityWebRequestAsyncOperation SendWebRequest() => null;

        public void Abort()
        {
        }

        public void Dispose()
        {
        }
    }
}
